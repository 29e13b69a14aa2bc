"""The words for what the node records: roles, letters, receipts, custody, orders, ledger entries."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

ROLES: dict[str, Label] = {
    "drafter": _("drafter"),
    "reviewer": _("reviewer"),
    "approver": _("approver"),
    "signatory": _("signatory"),
    "delegator": _("by delegation of"),
    "registrar": _("registrar"),
    "executing_officer": _("executing officer"),
    "custodian": _("custodian of evidence"),
    "duty_officer": _("duty officer"),
    "data_protection_officer": _("data-protection officer"),
    "auditor": _("auditor"),
    "filter_reviewer": _("filter reviewer"),
    "administrator": _("administrator"),
}

HAPPENINGS: dict[str, Label] = {
    "letter.received": _("a letter was received"),
    "letter.accepted": _("a letter was accepted by the other side"),
    "letter.failed": _("a letter failed"),
    "clock.reminder": _("a time limit is near its end"),
    "clock.ran_out": _("a time limit ran out"),
    "case.changed": _("a case changed"),
}

WAYS: dict[str, Label] = {
    "mail": _("e-mail"),
    "sms": _("short message"),
}

ORGANISATION_KINDS: dict[str, Label] = {
    "central_authority": _("central authority"),
    "competent_body": _("competent body"),
    "court": _("court"),
    "provider": _("service provider"),
}

ACCOUNT_FIELDS: dict[str, Label] = {
    "url": _("Address"),
    "events": _("Tell of"),
    "username": _("User name"),
    "full_name": _("Full name"),
    "post": _("Post"),
    "roles": _("Roles"),
    "organisation_id": _("Organisation"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "is_active": _("Account open"),
    "kind": _("Kind"),
    "names": _("Names"),
    "rank": _("Rank"),
    "delegated_role": _("Role"),
    "delegated_to": _("Delegated to"),
    "starts_at": pgettext_lazy("day", "From"),
    "ends_at": _("Until"),
}

RANKS: dict[str, Label] = {
    "head": _("head of the body"),
    "deputy": _("deputy head of the body"),
    "other": _("neither head nor deputy"),
}

STEP_UPS: dict[str, Label] = {
    "webauthn": _("a security key or passkey that signed this letter"),
    "totp": _("a code of the authenticator app"),
    "password": _("the password alone"),
}

AUTHORITY_ROLES: dict[str, Label] = {
    "central_authority": _("central authority"),
    "extradition_authority": _("authority for extradition"),
    "point_of_contact_24_7": _("24/7 point of contact"),
    "competent_body": _("competent body"),
    "executing_authority": _("executing authority"),
    "prevention_authority": _("prevention authority"),
    "asset_recovery_office": _("asset recovery office"),
    "financial_intelligence_unit": _("financial intelligence unit"),
    "depositary": _("depositary"),
    "secretariat": _("secretariat"),
    "provider": _("service provider"),
}

CALL_BACK_MEANS: dict[str, Label] = {
    "telephone": _("telephone"),
    "video_call": _("video call"),
    "in_person": pgettext_lazy("call back", "in person"),
    "other_network": _("another network or authority"),
}

CALL_BACK_RESULTS: dict[str, Label] = {
    "confirmed": _("It is from them"),
    "denied": _("It is not from them"),
    "not_reached": _("Nobody was reached"),
}

CONTACT_PURPOSES: dict[str, Label] = {
    "office": _("office"),
    "duty": _("on duty"),
    "confirmation": _("confirms a call back"),
}

DIRECTORY_PROBLEMS: dict[str, Label] = {
    "directory_expired": _("it has expired"),
    "directory_rolled_back": _("what is published is older than, or does not fit, what was verified before"),
    "directory_unsigned": _("too few keys signed it"),
    "directory_unreadable": _("it cannot be read"),
    "directory_unreachable": _("it could not be reached, or a file is missing"),
    "directory_too_large": _("a file is too large"),
    "entry_unreadable": _("an entry cannot be used"),
}

DIRECTORY_PARTS: dict[str, Label] = {
    "peer_url": _("address of the node"),
    "log_key": _("key of the ledger"),
    "recipient": _("transport key"),
    "contacts": _("people to reach"),
    "ca_certificate": _("certificate of its authority of certification, SHA-256"),
    "seal_certificate": _("certificate of the seal, SHA-256"),
    "tsa_certificate": _("certificate of the time-stamps, SHA-256"),
    "ocsp_certificate": _("certificate of revocation answers, SHA-256"),
    "tls_certificate": _("certificate of the connection, SHA-256"),
    "hours": _("hours"),
    "time_zone": _("time zone"),
    "languages": _("languages it accepts"),
    "contact": _("contact"),
}

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

CUSTODY: dict[str, Label] = {
    "received": _("Received"),
    "hashed": _("Hash computed"),
    "sealed": _("Sealed"),
    "copied": _("Working copy made"),
    "copy_destroyed": _("Working copy destroyed"),
    "opened": _("Opened"),
    "exported": _("Exported"),
    "sent": _("Sent to the other State"),
    "received_abroad": _("Received from the other State"),
    "used": _("Used"),
    "returned": _("Returned"),
    "destroyed": _("Destroyed"),
}

DAMAGES: dict[str, Label] = {
    "object_changed": _("a stored part has changed"),
    "object_missing": _("a stored part is missing"),
}

DISPOSALS: dict[str, Label] = {
    "destroy": _("Destroy"),
    "return": _("Return and keep nothing here"),
    "proposed": _("waits for a second official"),
    "done": pgettext_lazy("disposal", "carried out"),
    "declined": pgettext_lazy("disposal", "declined"),
}

ACQUISITION: dict[str, Label] = {
    "acquired_by": _("Who acquired it"),
    "device": _("From what"),
    "acquired_at": _("When"),
    "place": _("Where"),
    "method": _("How"),
    "tool": _("Tool"),
    "tool_version": _("Version of the tool"),
    "write_blocker": _("Write-blocker"),
    "photo": _("Photo"),
}

COPIES: dict[str, Label] = {
    "asked": _("being made"),
    "ready": _("ready"),
    "failed": pgettext_lazy("copy", "could not be made"),
    "destroyed": pgettext_lazy("copy", "destroyed"),
}

UPLOADS: dict[str, Label] = {
    "receiving": pgettext_lazy("upload", "not finished"),
    "finishing": _("being hashed"),
    "done": pgettext_lazy("upload", "taken in"),
    "failed": pgettext_lazy("upload", "refused"),
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

ORDERS: dict[str, Label] = {
    "preserve": _("Order to preserve"),
    "disclose_path": _("Order to disclose the path"),
    "produce": _("Order to produce"),
    "search_and_seize": _("Order to search and seize"),
    "collect_traffic": _("Order to collect traffic data in real time"),
    "intercept": _("Order to intercept content"),
    "freeze": _("Order to freeze"),
    "prepared": pgettext_lazy("order", "prepared, not issued"),
    "issued": _("issued"),
    "in_execution": pgettext_lazy("order", "being carried out"),
    "partly_done": pgettext_lazy("order", "carried out in part"),
    "technically_impossible": pgettext_lazy("order", "technically impossible"),
    "conflict_with_law": pgettext_lazy("order", "in conflict with a law"),
    "needs_other_authority": pgettext_lazy("order", "another authority must order it"),
    "executed": pgettext_lazy("order", "to be carried out"),
    "withdrawn": pgettext_lazy("order", "withdrawn"),
    "lifted": pgettext_lazy("order", "lifted"),
    "received": pgettext_lazy("order", "received by the provider"),
    "done": pgettext_lazy("order", "carried out"),
    "not_held": _("nothing held"),
    "failed": pgettext_lazy("order", "failed"),
}

ORDERS_DO: dict[str, Label] = {
    "preserve": _(
        "The holder keeps what it holds under the item and tells nobody. Nothing is disclosed yet."
    ),
    "disclose_path": _(
        "The holder discloses at once enough traffic data to find the providers and the path."
    ),
    "produce": _(
        "The holder hands over what it holds. Each file is taken in as an exhibit, hashed on arrival."
    ),
    "search_and_seize": _("Systems or media in this State are searched, and the data seized or copied."),
    "collect_traffic": _("Traffic data of the communications named are collected while they happen."),
    "intercept": _("The content of the communications named is collected while they happen."),
    "freeze": _("Nobody may transfer, convert or move the property until the order ends."),
}

IDENTIFIERS: dict[str, Label] = {
    "email": _("e-mail address"),
    "account": _("account"),
    "ip": _("IP address"),
    "phone": _("telephone number"),
    "url": _("web address"),
    "person": _("person’s name"),
    "question": _("question"),
}

ORIGINS: dict[str, Label] = {
    "begun": _("Begun"),
    "saved": _("Saved"),
    "restored": _("Taken back to an earlier version"),
    "template": _("Taken from a template"),
    "imported": _("Edited texts taken from a document"),
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

TREATY_STATUSES: dict[str, Label] = {
    "none": _("not bound"),
    "signatory": _("signatory"),
    "notified": _("own procedures completed"),
    "party": _("Party"),
    "denounced": _("denounced"),
    "ceased": _("no longer a Party"),
    "unknown": _("unknown"),
}

SERVICE_WAYS: dict[str, Label] = {
    "personal": _("in person"),
    "post": _("by post"),
    "electronic": _("by electronic means"),
    "other": _("in another way"),
}
"""How a document is served."""

HEARING_OUTCOMES: dict[str, Label] = {
    "held": _("held"),
    "broken_off": _("broken off"),
    "not_held": _("not held"),
}

OATHS: dict[str, Label] = {
    "sworn": _("under oath"),
    "affirmed": _("under a solemn affirmation"),
    "warned": _("warned of the duty to tell the truth"),
    "none": _("without"),
}
"""How somebody who was heard was bound to the truth."""

ATTEMPTS: dict[str, Label] = {
    "handed": _("handed to the addressee"),
    "handed_to_other": _("handed to another person"),
    "refused": _("the addressee refused to accept it"),
    "not_found": _("the addressee was not found"),
    "other": _("not served for another reason"),
}
"""What came of an attempt to serve a document."""

APPEARANCE_ROLES: dict[str, Label] = {
    "witness": _("witness"),
    "expert": _("expert"),
    "victim": _("victim"),
    "other": _("another person"),
}
"""As what a person is asked to come."""

APPEARANCE_ANSWERS: dict[str, Label] = {
    "": _("no answer yet"),
    "consents": _("consents to come of their own will"),
    "declines": _("does not wish to come"),
}
"""What a person answered who was asked to come."""

SAFE_CONDUCTS: dict[str, Label] = {
    "expected": _("the person consented and is expected"),
    "absent": _("the person did not come"),
    "needed": _("stands: the person is needed here"),
    "leaving": _("stands: the time to leave runs"),
    "undecided": _("stands: the time ran out, and nobody has said whether the person could leave"),
    "hindered": _("stands: the person could not leave"),
    "left": _("the person left"),
    "ended": _("ended: the person could leave and stayed, or came back"),
}
"""How a safe conduct stands."""

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

ENTRIES: dict[str, Label] = {
    "oral_request_made": _("Oral request to another State recorded"),
    "oral_request_noted": _("Oral request of another State written down"),
    "oral_request_ended": _("Confirmation of an oral request no longer awaited"),
    "confirmation_tied": _("Written confirmation tied to an oral request"),
    "hearing_recorded": _("Hearing by video put on record"),
    "service_recorded": _("Attempt to serve a document recorded"),
    "invitation_recorded": _("Person told of the wish that they come"),
    "safe_conduct_arrived": _("Arrival under safe conduct"),
    "safe_conduct_released": _("Notice to a person under safe conduct that they may go"),
    "safe_conduct_did_not_come": _("A person who had consented did not come"),
    "safe_conduct_left": _("Departure of a person under safe conduct"),
    "safe_conduct_returned": _("Return of a person who had safe conduct"),
    "safe_conduct_could_leave": _("Found that a person under safe conduct could leave and stayed"),
    "safe_conduct_could_not_leave": _("Found that a person under safe conduct could not leave"),
    "safe_conduct_answered": _("Warning of a safe conduct answered"),
    "endpoint_added": _("Webhook registered"),
    "endpoint_changed": _("Webhook switched on or off"),
    "endpoint_secret": _("Secret of a webhook changed"),
    "endpoint_removed": _("Webhook removed"),
    "case_opened": _("Case opened"),
    "draft_approved": _("Draft approved"),
    "draft_submitted": _("Draft submitted for review"),
    "draft_returned": _("Draft returned"),
    "follow_up_drafted": _("Further request begun"),
    "result_prepared": _("Result prepared for release"),
    "request_signed": _("Request signed"),
    "request_registered": _("Request registered"),
    "information_opened": _("Case opened for information without request"),
    "information_sent": _("Information sent without request"),
    "information_registered": _("Information registered"),
    "execution_assigned": _("Execution assigned"),
    "letter_acknowledged": _("Letter acknowledged"),
    "case_passed_on": _("Case passed on within this State"),
    "referral_taken": _("What was passed on was taken over"),
    "shift_planned": _("Shift planned"),
    "shift_withdrawn": _("Shift taken off the roster"),
    "shift_taken_over": _("Desk taken over"),
    "desk_handed_over": _("Hand-over note written"),
    "shift_closed": _("Shift closed with its log"),
    "training_recorded": _("Training recorded"),
    "training_withdrawn": _("Record of a training withdrawn"),
    "preservation_reported": _("Preservation reported"),
    "result_released": _("Result released"),
    "execution_refused": _("Execution refused"),
    "order_prepared": _("Order prepared"),
    "order_issued": _("Order issued"),
    "order_changed": _("Order changed"),
    "order_reviewed": _("Decision on an order"),
    "order_acknowledged": _("Order acknowledged"),
    "order_question": _("Question about an order"),
    "order_reply": _("Reply about an order"),
    "order_answered": _("Order answered"),
    "provider_person_invited": _("Somebody of a provider invited"),
    "provider_person_opened": _("Account of somebody of a provider opened"),
    "provider_person_closed": _("Account of somebody of a provider closed"),
    "provider_person_signed_in": _("Somebody of a provider signed in"),
    "provider_token_made": _("Token of a provider made"),
    "provider_token_revoked": _("Token of a provider revoked"),
    "provider_looked": _("Order looked at by the provider"),
    "provider_downloaded": _("Order downloaded by the provider"),
    "provider_received": _("Receipt of an order confirmed by the provider"),
    "provider_in_execution": _("Order being carried out, says the provider"),
    "provider_asked": _("Question of the provider about an order"),
    "provider_answered": _("Identifiers answered by the provider"),
    "provider_readers_named": _("Readers of an order named at the provider"),
    "provider_file_announced": _("File announced by the provider"),
    "provider_file_taken_back": _("File taken back by the provider"),
    "provider_statement": _("Statement of authenticity of the provider"),
    "custody": _("Custody of an exhibit"),
    "exhibit_acquired": _("How an exhibit was acquired"),
    "viewing_asked": _("Asked to open what nobody opens alone"),
    "viewing_agreed": _("Agreed that another official opens it"),
    "exhibit_stored": _("Exhibit stored"),
    "integrity_checked": _("Integrity of an exhibit checked"),
    "hold_placed": _("Exhibit put under a legal hold"),
    "hold_lifted": _("Legal hold on an exhibit lifted"),
    "period_set": _("Retention period of an exhibit set"),
    "disposal_proposed": _("End of an exhibit proposed"),
    "disposal_done": _("Exhibit destroyed or returned"),
    "disposal_declined": _("End of an exhibit declined"),
    "container_erased": _("Sealed letter of a destroyed exhibit removed"),
    "letter_frozen": _("Letter frozen"),
    "letter_sealed": _("Letter sealed"),
    "letter_accepted": _("Letter on our disk"),
    "letter_offered_again": _("Letter offered again that was not taken in time"),
    "letter_received": _("Letter verified and in our inbox"),
    "receipt_kept": _("Receipt of the other side kept"),
    "receipt_conflict": _("Another receipt of the same step refused"),
    "bundle_asked": _("Court bundle ordered"),
    "bundle_made": _("Court bundle made"),
    "directory_notice": _("Designation or change notified as a treaty asks"),
    "drill_sent": _("Drill sent"),
    "drill_received": _("Drill received"),
    "drill_answered_here": _("Drill answered here"),
    "drill_recorded": _("Answer to a drill recorded"),
    "drill_declined": _("Drill not taken"),
    "drills_arranged": _("Arranged with an authority whether drills are exchanged"),
    "node_restored": _("Node restored from a backup"),
    "report_erased": _("Report of a member of the public erased"),
    "letter_delivered": _("Letter delivered"),
    "letter_refused": _("Letter refused"),
    "letter_retrieved": _("Letter opened"),
    "letter_read_again": _("Letter that was not understood read again"),
    "receipt": _("Receipt"),
    "record_call_back": _("Call back by a second channel recorded"),
    "record_channel_note": _("Communication by another channel recorded"),
    "fork_found": _("Two contradicting heads of an authority’s ledger found"),
    "ledger_break_accepted": _("Break of an authority’s ledger accepted"),
    "ledger_released": _("Ledger signs again"),
    "consignment_packed": _("Consignment packed for a courier"),
    "consignment_handed_over": _("Consignment handed over to a courier"),
    "consignment_taken": _("Consignment of a courier taken in"),
    "card_imported": _("Authority’s card added"),
    "update_told": _("An authority told what changes in it"),
    "update_taken": _("Update of an authority taken over"),
    "update_declined": _("Update of an authority declined"),
    "certificate_followed": _("Next certificate of an authority is its only one"),
    "certificate_prepared": _("Next certificate of the connection made"),
    "update_announced": _("Every authority told what changes in this one"),
    "certificate_admitted": _("An authority admits the next certificate of the connection"),
    "certificate_changed": _("Next certificate of the connection in use"),
    "transport_key_made": _("Transport key made"),
    "transport_key_expired": _("Transport key ended"),
    "transport_key_revoked": _("Transport key revoked"),
    "transport_key_destroyed": _("Transport key destroyed"),
    "transport_key_learned": _("Transport key of an authority learned"),
    "transport_key_withdrawn": _("Transport key of an authority withdrawn"),
    "access_given": _("Case opened to somebody"),
    "access_withdrawn": _("Case closed to somebody"),
    "clock_ran_out": _("Time limit ran out"),
    "tell_validation": _("Validation of an emergency request told"),
    "revoke_emergency": _("Emergency request revoked"),
    "emergency_lapsed": _("Emergency request not validated in time"),
    "emergency_disclosed": _("Data given for an emergency"),
    "warning_answered": _("Warning about an emergency answered"),
    "emergency_unanswered": _("Nobody had reacted to an emergency"),
    "consultation_unanswered": _("Consultation without an answer"),
    "use_recorded": _("Use recorded"),
    "material_marked": _("Material marked"),
    "marking_lifted": _("Marking lifted"),
    "marking_cleared": _("Privileged material cleared"),
    "marking_withheld": _("Privileged material withheld"),
    "disclosure_marked": _("Exhibit listed as disclosed to the defence"),
    "withholding_proposed": _("Withholding from the defence proposed"),
    "withholding_agreed": _("Exhibit withheld from the defence"),
    "withholding_declined": _("Withholding from the defence declined"),
    "renewal_asked": _("Sealing again of a letter asked for"),
    "container_renewed": _("Letter sealed again"),
    "remains_renewed": _("What remains of a letter sealed again"),
    "copy_made": _("Working copy of an exhibit made"),
    "person_protected": _("Identity kept apart"),
    "identity_reader_named": _("Reader of an identity named"),
    "identity_named": _("Protected person named in a text that was refused"),
    "identity_opened": _("Identity opened"),
    "disclosure_recorded": _("Exculpatory disclosure recorded"),
    "bundle_exported": _("Court bundle exported"),
    "organisation_added": _("Organisation added"),
    "organisation_changed": _("Organisation changed"),
    "official_added": _("Account made"),
    "official_changed": _("Account changed"),
    "official_closed": _("Account closed"),
    "official_reopened": _("Account opened again"),
    "password_given": _("One-time password given"),
    "second_factor_reset": _("Second factor reset"),
    **TURNS,
}

DRILLS: dict[str, Label] = {
    "waiting": _("waits for their node"),
    "reached": _("the node has it, no person has answered yet"),
    "answered": pgettext_lazy("drill", "answered"),
    "unreached": _("the node was not reached"),
    "silent": _("nobody answered in time"),
    "declined": _("not taken by the other desk"),
}
"""How a drill stands."""

DRILL_NOTES: dict[str, Label] = {
    "note": _("The drill, signed by the asking desk"),
    "reached": _("It arrived, signed by the asked desk’s node"),
    "answer": _("A person answered, signed by the asked desk"),
    "record": _("When the answer came, signed by the asking desk"),
}

DRILL_CODES: dict[str, Label] = {
    "drill_not_accepted": _("that desk takes no drills of ours"),
    "drill_too_soon": _("that desk takes no more drills of ours for now"),
    "not_served": _("that node knows no drills yet"),
}
"""Why a drill was not taken."""
VALIDATIONS: dict[str, Label] = {
    "given": _("given before the request"),
    "later": _("follows the request"),
}
"""How an emergency request says it stands with its validation."""

EMERGENCIES: dict[str, Label] = {
    "asked": _("asked"),
    "arrived": _("arrived"),
    "called_back": _("called back"),
    "disclosed": _("data given"),
    "validated": _("validated"),
    "awaited": _("validation awaited"),
    "unsaid": _("validation not spoken of"),
    "lapsed": _("not validated in time"),
    "revoked": _("revoked"),
}
"""How far an emergency has come, and how it stands with its validation."""

WARNINGS: dict[str, Label] = {
    "first_letter": _("first letter of this authority"),
    "first_emergency": _("first emergency of this authority"),
    "changed_lately": _("contacts or keys changed lately"),
    "unusual_hour": _("outside its stated hours"),
    "unusual_volume": _("unusually many emergencies"),
    "nobody_to_call": _("no number to call back"),
    "contact_differs": _("another number than the directory’s"),
    "denied_before": _("denied before"),
    "risk_unsaid": _("the risk is not described"),
    "validation_long": _("long time for the validation"),
}
"""What speaks for a forged emergency, in a few words."""
