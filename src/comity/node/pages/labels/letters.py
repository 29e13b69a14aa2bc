"""The words for letters, what stands in them, and what became of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.law import Label

LETTERS: dict[str, Label] = {
    "request": _("Request"),
    "oral_confirmation": _("Confirmation of an oral request"),
    "registration": _("Registration"),
    "supplement_asked": _("Supplement asked"),
    "supplement": _("Supplement"),
    "status_asked": _("Question about the status"),
    "status": _("Status told"),
    "withdrawal": _("Withdrawal"),
    "consultation": _("Consultation"),
    "consultation_reply": _("Reply in a consultation"),
    "postponement": _("Postponement"),
    "conditions_offered": _("Conditions offered"),
    "conditions_accepted": _("Conditions accepted"),
    "conditions_declined": _("Conditions declined"),
    "obstacle": _("Obstacle"),
    "forwarded": _("Notice of forwarding"),
    "confidentiality_impossible": _("Confidentiality impossible"),
    "costs": _("Costs"),
    "use_permission_asked": _("Permission of another use asked"),
    "use_permission_granted": _("Another use permitted"),
    "use_permission_declined": _("Another use not permitted"),
    "onward_permission_asked": _("Permission to pass on asked"),
    "onward_permission_granted": _("Passing on permitted"),
    "onward_permission_declined": _("Passing on not permitted"),
    "exculpatory_notice": _("Notice of an exculpatory disclosure"),
    "custody_update": _("Custody told"),
    "presence_asked": _("Presence asked for"),
    "presence_granted": _("Presence consented to"),
    "presence_declined": _("Presence declined"),
    "hearing_proposed": _("Hearing by video proposed"),
    "hearing_agreed": _("Hearing by video agreed"),
    "safe_conduct": _("Notice of safe conduct"),
    "emergency_validated": _("Validation of an emergency request told"),
    "emergency_revoked": _("Emergency request revoked"),
    "result": _("Result"),
    "refusal": _("Refusal"),
    "preservation_done": _("Preservation done"),
    "preservation_expiring": _("Preservation about to expire"),
    "information": _("Information without request"),
    "path_disclosure": _("Path of a communication"),
    "preservation_unhelpful": _("Preservation would not help"),
    "preservation_decision": _("Decision on preservation"),
    "directory_update": _("Update of the directory"),
    "extension_asked": _("Extension asked"),
    "extension_granted": _("Extension granted"),
    "extension_declined": _("Extension declined"),
}

TURNS: dict[str, Label] = {
    "give_supplement": _("Give the supplement"),
    "ask_status": _("Ask for the status"),
    "accept_conditions": _("Accept the conditions"),
    "decline_conditions": _("Decline the conditions"),
    "withdraw_request": _("Withdraw"),
    "give_advice": _("Answer the question"),
    "tell_whereabouts": _("Tell where the person is"),
    "ask_supplement": _("Ask for a supplement"),
    "tell_status": _("Tell the status"),
    "resume_execution": _("Take up execution again"),
    "stop_execution": _("Stop and confirm the withdrawal"),
    "postpone_execution": _("Postpone"),
    "offer_conditions": _("Offer conditions"),
    "tell_obstacle": _("Tell of an obstacle"),
    "forward_request": _("Forward to the competent authority"),
    "tell_confidentiality_impossible": _("Tell that confidentiality cannot be kept"),
    "announce_costs": _("Announce costs"),
    "disclose_path": _("Disclose the path of a communication"),
    "withhold_path": _("Withhold the path of a communication"),
    "ask_extension": _("Ask for an extension"),
    "grant_extension": _("Grant the extension"),
    "decline_extension": _("Decline the extension"),
    "tell_preservation_ending": _("Tell that the preservation ends soon"),
    "tell_preservation_unhelpful": _("Tell that preservation would not help"),
    "decide_on_preservation": _("Decide whether to preserve all the same"),
    "ask_presence": _("Ask for the presence of our officials"),
    "grant_presence": _("Consent to the presence of their officials"),
    "decline_presence": _("Decline the presence"),
    "propose_hearing": _("Propose a hearing by video"),
    "agree_to_hearing": _("Agree to the hearing"),
    "tell_safe_conduct": _("Tell how safe conduct stands"),
    "tell_validation": _("Tell that the emergency was validated"),
    "revoke_emergency": _("Revoke the emergency request"),
    "consult": _("Consult the other side"),
    "reply_to_consultation": _("Reply to the consultation"),
    "ask_use_permission": _("Ask permission of another use"),
    "grant_use_permission": _("Permit the other use"),
    "decline_use_permission": _("Decline the other use"),
    "ask_onward_permission": _("Ask permission to pass on"),
    "grant_onward_permission": _("Permit passing on"),
    "decline_onward_permission": _("Decline passing on"),
    "notify_exculpatory_disclosure": _("Give notice of an exculpatory disclosure"),
    "report_custody": _("Tell our custody of the exhibits"),
    "consult_on_disclosure": _("Consult on the disclosure"),
}
"""The acts of the dialogue as their buttons name them."""

TURN_PURPOSES: dict[str, Label] = {
    "waited_for": _("Letters that wait for our answer"),
    "course": _("Course of the request"),
    "terms": _("Conditions, costs and consultation"),
    "preservation": _("Preservation and path of data"),
    "meeting": _("Hearings and presence"),
    "emergency": _("The emergency"),
    "use": _("Use of what was received"),
}
"""What the acts of the dialogue are for, as the case page groups them."""

CONSULTATIONS: dict[str, Label] = {
    "refusal": _("a possible refusal"),
    "postponement": _("a possible postponement"),
    "costs": _("costs"),
    "exculpatory_disclosure": _("an exculpatory disclosure"),
    "safe_conduct": _("the period of safe conduct"),
    "parallel_proceedings": _("proceedings on the same conduct that run in parallel"),
    "other": _("another question"),
}

MARKINGS: dict[str, Label] = {
    "state_secret": _("State secret"),
    "privileged": _("legally privileged"),
    "personal_data": _("personal data"),
    "child_abuse": _("sexual abuse of a child"),
    "stands": _("stands"),
    "lifted": _("lifted"),
    "cleared": pgettext_lazy("privileged material", "cleared"),
    "withheld": pgettext_lazy("privileged material", "withheld"),
}

DEFENCE: dict[str, Label] = {
    "disclosed": _("disclosed to the defence"),
    "withheld": pgettext_lazy("from the defence", "withheld"),
    "privileged": _("legally privileged"),
    "state_secret": _("State secret"),
    "protected_person": _("it would tell the identity of a protected person"),
    "other": pgettext_lazy("ground", "another ground"),
}

CONCERNS: dict[str, Label] = {
    "availability": _("It would not keep the data available"),
    "confidentiality": _("It would threaten the confidentiality of the investigation"),
    "investigation": _("It would otherwise prejudice the investigation"),
}
"""Why preservation would not help."""

DECISIONS: dict[str, Label] = {
    "go_on": _("Preserve the data all the same"),
    "withdraw": _("Withdraw these items"),
}

PURPOSES: dict[str, Label] = {
    "own_proceedings": _("the proceedings that the request states"),
    "other_proceedings": _("another investigation, prosecution or proceeding"),
    "organisation_inside": _("passing on to another organisation inside the State"),
    "third_state": _("passing on to a third State"),
    "international_organisation": _("passing on to an international organisation"),
    "exculpatory_disclosure": _("disclosure of what exculpates an accused person"),
}

WHOSE: dict[str, Label] = {
    "requesting": _("the requesting State"),
    "requested": _("the requested State"),
}
"""The two States of a request, where a letter says which of them does something."""

PARTICIPANTS: dict[str, Label] = {
    "witness": _("witness"),
    "victim": _("victim"),
    "expert": _("expert"),
    "judge": _("judge"),
    "prosecutor": _("prosecutor"),
    "investigator": _("investigator"),
    "counsel": _("counsel"),
    "interpreter": _("interpreter"),
    "technician": _("technician"),
    "official": pgettext_lazy("participant", "official"),
}

LEFT_OUT: dict[str, Label] = {
    "picture": _("pictures or drawings"),
    "table": _("tables"),
    "note": _("footnotes"),
    "comment": _("comments"),
    "formula": _("formulas"),
    "header": _("headers or footers"),
    "part": _("parts of other documents"),
}

TEXTS: dict[str, Label] = {
    "text": _("In words"),
    "authenticity": _("Statement on authenticity"),
    "subject": _("Subject"),
    "use": _("Intended use"),
    "reason": _("Why prior notice was impossible"),
    "standing": _("What those present may do"),
    "interpretation": _("Interpretation"),
    "place": _("Place"),
    "means": _("Technical means"),
    "amount": _("Expected costs"),
    "competent": _("Competent authority"),
    "emergency_risk": _("Risk to life or safety"),
    "emergency_imminence": _("Why it is imminent"),
    "emergency_judged_on": _("On what the judgement rests"),
}
"""What the fields of a letter that hold words are called; those of a request are the law's."""

NUMBERED: dict[str, Label] = {
    "item": _("Item %(n)d"),
    "condition": _("Condition %(n)d"),
    "limit": _("Limit %(n)d"),
}
"""What the numbered parts of a letter that hold words are called."""

TRANSLATORS: dict[str, Label] = {
    "official": _("an official of the authority"),
    "sworn": _("a sworn translator"),
}

CONDITIONS: dict[str, Label] = {
    "urgent": _("Urgent"),
    "confidential": _("Keep the request confidential"),
    "no_user_notice": _("Do not notify the user of the account"),
}

COURSES: dict[str, Label] = {
    "did_not_come": _("The person did not come"),
    "left": _("The person left"),
    "returned": _("The person came back of their own will"),
    "could_leave": _("The person could leave in the time and stayed"),
    "could_not_leave": _("The person could not leave in the time"),
}
"""How a safe conduct went on."""

SPOKEN_MEANS: dict[str, Label] = {
    "telephone": _("telephone"),
    "video_call": _("video call"),
    "in_person": _("at a meeting"),
    "technical_means": _("technical means of communication"),
}
"""How an oral request was made."""

RECEIPTS: dict[str, Label] = {
    "SUBMISSION_ACCEPTANCE": _("Accepted for sending"),
    "SUBMISSION_REJECTION": _("Rejected before sending"),
    "RELAY_REMMD_ACCEPTANCE": _("On the receiving node’s disk"),
    "RELAY_REMMD_FAILURE": _("Could not be passed on in time"),
    "RELAY_REMMD_REJECTION": _("Rejected by the receiving node"),
    "DELIVERY": _("In the authority’s inbox"),
    "NON_DELIVERY": _("Not delivered"),
    "RETRIEVAL": _("Opened by an official"),
    "NON_RETRIEVAL": _("Not opened in time"),
}

FORKS: dict[str, Label] = {
    "roots": _("two heads of one size with different roots"),
    "prefix": _("the larger ledger does not begin as the smaller one"),
    "heads": _("a head that a later one leaves out: it names another as the one before it"),
    "": _(
        "the proof that the larger continues the smaller did not hold or did not come; it accuses nobody yet"
    ),
}
"""What two heads of one ledger contradict each other in."""

STAGES: dict[str, Label] = {
    "frozen": _("being sealed"),
    "sealed": _("sealed, on its way"),
    "relayed": _("on the other node’s disk"),
    "delivered": _("delivered"),
    "retrieved": _("opened"),
    "failed": _("failed"),
    "accepted": _("being verified"),
    "refused": pgettext_lazy("letter", "refused"),
}

VERDICTS: dict[str, Label] = {
    "passed": _("proved"),
    "indeterminate": _("cannot be decided"),
    "failed": _("broken"),
}

SIDES: dict[str, Label] = {
    "requesting": _("We ask"),
    "requested": _("They ask"),
}
