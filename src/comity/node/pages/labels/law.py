"""The words for what the law speaks of: measures, fields, clocks, duties, limits, outcomes."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

MEASURES: dict[str, Label] = {
    "preserve_data": _("Preserve electronic data"),
    "disclose_traffic_data": _("Disclose preserved traffic data"),
    "access_stored_data": _("Access to stored electronic data"),
    "collect_traffic_data": _("Collect traffic data in real time"),
    "intercept_content": _("Intercept content data"),
    "disclose_in_emergency": _("Disclose data in an emergency"),
    "locate_suspect": _("Locate a suspect"),
    "technical_advice": _("Technical advice"),
    "legal_information": _("Legal information"),
    "collect_evidence": _("Collect evidence"),
    "take_statement": _("Take a statement"),
    "hear_by_video": _("Hear a person by video link"),
    "serve_documents": _("Serve documents"),
    "search_and_seize": _("Search and seize"),
    "examine_objects_and_sites": _("Examine objects and sites"),
    "provide_evidence_and_expertise": _("Provide evidence and expert evaluations"),
    "provide_records": _("Provide records"),
    "trace_property": _("Trace property"),
    "freeze_property": _("Freeze property"),
    "confiscate_by_own_order": _("Confiscate by the requested State’s own order"),
    "enforce_confiscation_order": _("Enforce an order of confiscation"),
    "return_property": _("Return property"),
    "appear_voluntarily": _("Voluntary appearance of a person"),
    "transfer_person_in_custody": _("Transfer of a person in custody"),
    "other_assistance": _("Other assistance"),
    "extradite": _("Extradition"),
    "arrest_provisionally": _("Provisional arrest"),
    "transfer_sentenced_person": _("Transfer of a sentenced person"),
    "transfer_proceedings": _("Transfer of proceedings"),
    "share_information": _("Information without request"),
    "police_inquiry": _("Police inquiry"),
    "operational_search": _("Operational search measures"),
    "coordinate_operation": _("Coordinated operation"),
    "investigate_jointly": _("Joint investigation"),
    "deliver_under_control": _("Controlled delivery"),
    "use_special_technique": _("Special investigative technique"),
    "assist_in_civil_matter": _("Assistance in a civil matter"),
    "train_and_assist": _("Training and technical assistance"),
}

STATUSES: dict[str, Label] = {
    "draft": _("draft"),
    "in_review": _("in review"),
    "signed": _("signed"),
    "sent": _("sent"),
    "registered": _("registered"),
    "deficient": _("deficient"),
    "awaiting_approval": _("awaiting approval"),
    "in_execution": _("in execution"),
    "preserved": _("preserved"),
    "disclosed": _("disclosed"),
    "partly_executed": _("partly executed"),
    "executed": _("executed"),
    "postponed": _("postponed"),
    "refused": _("refused"),
    "impossible": _("impossible"),
    "forwarded": _("forwarded"),
    "withdrawn": _("withdrawn"),
    "expired": _("expired"),
}

CHANNELS: dict[str, Label] = {
    "direct": _("directly between the authorities"),
    "network_24_7": _("the 24/7 network"),
    "diplomatic": _("diplomatic channels"),
    "interpol": _("Interpol"),
    "courier": _("sealed package by courier"),
    "oral": _("orally, to be confirmed in writing"),
}

FORMS: dict[str, Label] = {
    "written": _("in writing"),
    "written_record": _("by any means that leaves a written record"),
    "electronic": _("electronically"),
    "oral_then_written": _("orally, then confirmed in writing"),
    "technical_then_written": _("by technical means, then confirmed in writing"),
    "signed_by_head": _("signed by the head of the body or a deputy"),
}

REASONS: dict[str, Label] = {
    "only_basis": _("It is the only treaty found to apply; this opens it for the measure."),
    "names_the_offence": _("Its list of offences names the offence."),
    "goes_first": _("Of several that apply it goes first."),
    "other_treaty_governs_procedure": _("Another treaty’s provisions may govern the procedure."),
}

COVERS: dict[str, Label] = {
    "whole": _("covers the whole conduct"),
    "part": _("covers a part of the conduct"),
}

ESTABLISH: dict[str, Label] = {
    "must": _("must make it an offence"),
    "consider": _("is to consider making it an offence"),
    "may": _("may make it an offence"),
}

OPTIONS: dict[str, Label] = {
    "may_require": _("A State may require"),
    "may_exclude": _("A State may leave out"),
    "may_extend": _("A State may extend it to"),
    "not_covered": _("Not covered"),
}

FIELDS: dict[str, Label] = {
    "requesting_authority": _("Requesting authority"),
    "requested_authority": _("Requested authority"),
    "conducting_authority": _("Authority conducting the proceedings"),
    "subject_and_nature": _("Subject and nature of the proceedings"),
    "facts": _("Summary of the facts"),
    "offences_and_penalties": _("Offences and penalties"),
    "assistance_sought": _("Assistance sought"),
    "procedure_wished": _("Procedure wished to be followed"),
    "persons": _("Persons concerned"),
    "items_and_accounts": _("Items and accounts"),
    "time_period": _("Period of time"),
    "purpose": _("Purpose"),
    "ground": _("Ground for the request"),
    "time_limit": _("Time limit"),
    "confidentiality": _("Confidentiality"),
    "no_user_notice": _("No notice to the user"),
    "data_sought": _("Data sought"),
    "relation_to_offence": _("Relation of the data to the offence"),
    "custodian_or_location": _("Custodian or location of the data"),
    "necessity": _("Necessity"),
    "proportionality": _("Proportionality"),
    "intention_to_request": _("Intention to request the data"),
    "identification": _("Identification"),
    "period_justification": _("Why this period"),
    "property_description": _("Description of the property"),
    "property_location": _("Location of the property"),
    "property_value": _("Value of the property"),
    "facts_for_order": _("Facts for an order"),
    "order_copy": _("Copy of the order"),
    "execution_extent": _("Extent of execution sought"),
    "third_party_notice": _("Notice to third parties"),
    "finality": _("Finality of the order"),
    "decision_copy": _("Copy of the decision"),
    "rule_of_law_text": _("Text of the law"),
    "signature_of_head": _("Signature of the head of the body"),
    "useful_information": _("Other useful information"),
}

DATA_KINDS: dict[str, Label] = {
    "subscriber": _("subscriber information"),
    "traffic": _("traffic data"),
    "content": _("content data"),
    "other_stored": _("other stored data"),
}

CLOCKS: dict[str, Label] = {
    "preservation_minimum": _("Preservation, at least"),
    "preservation_until_decision": _("Preservation until the decision on the request"),
    "preservation_order_maximum": _("Preservation order, at most"),
    "written_confirmation": _("Confirmation in writing"),
    "execution": _("Execution"),
    "forward_to_competent": _("Forwarding to the competent authority"),
    "safe_conduct": _("Safe conduct"),
    "arbitration_to_court": _("From arbitration to the Court"),
    "entry_into_force": _("Entry into force"),
    "denunciation_effect": _("Effect of denunciation"),
    "emergency_validation": _("Validation of an emergency request"),
    "emergency_answer": _("Answer to an emergency"),
    "receipt_relay": _("Receipt of relay"),
    "receipt_delivery": _("Receipt of delivery"),
    "receipt_retrieval": _("Receipt of retrieval"),
    "provider_answer": _("Answer of the provider"),
    "order_end": _("End of an order"),
    "order_secrecy_end": _("End of an order’s secrecy"),
    "status_answer": _("Answer on the status"),
    "consultation_reply": _("Reply in a consultation"),
    "hearing_answer": _("Answer to the proposed hearing"),
    "hearing_test": _("Technical test of the hearing by video"),
    "hearing": _("Beginning of the hearing by video"),
    "hearing_record": _("Record of the hearing by video"),
}

UNTIL: dict[str, Label] = {
    "decision": _("the decision on the request"),
    "status": _("the answer on the status"),
    "confirmation": _("the confirmation in writing"),
    "hearing_record": _("the record of the hearing"),
}
"""The events that end a clock."""

LIMITS: dict[str, Label] = {
    "stated_purpose_only": _("Only for the purpose stated in the request"),
    "confidential": _("Confidential"),
    "no_onward_transfer": _("No onward transfer without consent"),
    "no_user_notice": _("No notice to the user of the account"),
    "retention": _("Kept no longer than needed"),
    "personal_data_conditions": _("Conditions on personal data"),
    "no_state_secret": _("No State secret"),
    "no_act_abroad": _("No act in another State's territory"),
    "own_law_and_procedure": _("Within the requested State's law, procedure and treaties"),
    "emergency_not_validated": _("No use: the emergency was not validated"),
}

DUTIES: dict[str, Label] = {
    "give_reasons": _("Give reasons"),
    "consult_before_refusal": _("Consult before refusing"),
    "consult_before_postponement": _("Consult before postponing"),
    "hear_requesting_state": _("Hear the requesting State"),
    "tell_decision": _("Tell the decision"),
    "tell_obstacle": _("Tell of an obstacle"),
    "tell_confidentiality_impossible": _("Tell that confidentiality cannot be kept"),
    "answer_status": _("Answer questions about the status"),
    "tell_no_longer_needed": _("Tell when the help is no longer needed"),
    "forward_and_tell": _("Forward and tell"),
    "confirm_in_writing": _("Confirm in writing"),
    "submit_for_prosecution": _("Submit for prosecution"),
    "consider_enforcement": _("Consider enforcing the sentence"),
    "keep_in_custody": _("Keep in custody"),
    "return_without_delay": _("Return without delay"),
    "notify_exculpatory_use": _("Notify before an exculpatory disclosure"),
    "ask_prior_permission": _("Ask permission before another use"),
    "hear_before_lifting": _("Hear before lifting the measure"),
    "consult_on_costs": _("Consult on costs"),
    "expedite": _("Act without delay"),
    "return_property": _("Return property"),
    "priority_to_victims": _("Priority to victims"),
    "assist_without_coercion": _("Assist without coercive measures"),
}

GROUNDS: dict[str, Label] = {
    "dual_criminality": _("Absence of dual criminality"),
    "fiscal": _("Fiscal matters"),
    "bank_secrecy": _("Bank secrecy"),
    "political_offence": _("Political offence"),
}

OUTCOMES: dict[str, Label] = {
    "applies": _("applies"),
    "does_not_apply": _("does not apply"),
    "undetermined": _("undetermined"),
}

PARTIES: dict[str, Label] = {
    "requesting": _("of the requesting side"),
    "requested": _("of the requested side"),
    "both": _("of both sides"),
    "sending": _("of the State that sends"),
    "receiving": _("of the State that receives"),
}

NEEDS: dict[str, Label] = {
    "required": _("required"),
    "where_appropriate": _("where appropriate"),
    "recommended": _("recommended"),
}

RULES: dict[str, Label] = {
    "scope": _("scope"),
    "content": _("content of a request"),
    "channel": _("channel"),
    "language": _("language"),
    "form": _("form"),
    "clock": _("clock"),
    "duty": _("duty"),
    "ground": _("ground"),
    "no_ground": _("barred ground"),
    "limit": _("limit on use"),
    "right": _("right"),
    "power": _("power"),
    "record": _("record"),
    "status": pgettext_lazy("rule", "status"),
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
