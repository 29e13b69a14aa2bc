"""The timeline: a closed list of sentences, and how a line is added."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from comity.node.accounts.models import Official
from comity.node.casework.models import Case, Event
from comity.node.ledger.models import Entry
from comity.terms import gettext_noop

SENTENCES: dict[str, str] = {
    "case_opened": gettext_noop("Case opened"),
    "draft_submitted": gettext_noop("Draft submitted for review"),
    "draft_returned": gettext_noop("Draft returned: {reason}"),
    "letter_prepared": gettext_noop("A letter that decides was prepared for another official’s signature"),
    "letter_returned": gettext_noop("A prepared letter was returned unsigned: {reason}"),
    "draft_approved": gettext_noop("Draft approved by a reviewer"),
    "acted_by_delegation": gettext_noop("Signed by delegation of {name}"),
    "national_name_answered": gettext_noop(
        "The national certificate names “{certificate}”, the letter “{name}”; the signatory answers: {answer}"
    ),
    "draft_restored": gettext_noop("Draft taken back to version {number}"),
    "draft_from_template": gettext_noop("Texts of the template “{name}” taken into the draft"),
    "draft_imported": gettext_noop("Edited texts taken into the draft from a document"),
    "letter_translated": gettext_noop(
        "A letter translated here into {language}, for this authority’s own use"
    ),
    "follow_up_drafted": gettext_noop("Further request begun"),
    "request_signed": gettext_noop("Request signed by a second person and sealed, generation {generation}"),
    "request_received": gettext_noop("Request received and verified, generation {generation}"),
    "request_registered": gettext_noop("Request registered as {reference}"),
    "registration_received": gettext_noop("The other side registered the request as {reference}"),
    "preservation_ordered": gettext_noop("Order {number} to preserve issued to {provider}"),
    "production_ordered": gettext_noop("Order {number} to produce issued to {provider}"),
    "execution_assigned": gettext_noop("Execution of items {items} assigned to {name}, until {until}"),
    "order_prepared": gettext_noop("Order {number} to {provider} prepared; a second official issues it"),
    "order_issued": gettext_noop("Order {number} issued to {provider}"),
    "order_reviewed": gettext_noop("Decision on order {number} recorded: {body}"),
    "order_lifted": gettext_noop("Order {number} to {provider} lifted"),
    "order_withdrawn": gettext_noop("Order {number} to {provider} withdrawn"),
    "order_secrecy_ended": gettext_noop("Secrecy of order {number} ended, {provider} may speak of it"),
    "order_questioned": gettext_noop("{provider} asks about order {number}"),
    "order_replied": gettext_noop("Question of {provider} about order {number} answered"),
    "provider_answered": gettext_noop("{provider} answered order {number}: {state}"),
    "preservation_reported": gettext_noop("Preservation reported, until {until}"),
    "preservation_received": gettext_noop("The other side reports the data preserved, until {until}"),
    "exhibit_taken_in": gettext_noop("Exhibit {number} taken in"),
    "result_prepared": gettext_noop("Result prepared for release"),
    "result_released": gettext_noop("Result released by a second person"),
    "result_received": gettext_noop("Result received and verified"),
    "enclosures_received": gettext_noop("Files of the request taken in: {count}"),
    "files_received": gettext_noop("Files of the information taken in: {count}"),
    "file_enclosed": gettext_noop("File {number} goes with the letter"),
    "file_taken_out": gettext_noop("File {number} no longer goes with the letter"),
    "exhibits_received": gettext_noop("Exhibits of the result taken in: {count}"),
    "execution_refused": gettext_noop("Execution of item {item} refused under {ground}"),
    "refusal_received": gettext_noop("The other side refused item {item} under {ground}"),
    "ask_supplement": gettext_noop("Supplement asked for, items {items}"),
    "supplement_asked_received": gettext_noop("The other side asks for a supplement, items {items}"),
    "give_supplement": gettext_noop("Supplement given, items {items}"),
    "supplement_received": gettext_noop("Supplement received, items {items}"),
    "ask_status": gettext_noop("Asked how the request stands, items {items}"),
    "status_asked_received": gettext_noop("The other side asks how the request stands, items {items}"),
    "tell_status": gettext_noop("Status told, items {items}"),
    "resume_execution": gettext_noop("Execution taken up again, items {items}"),
    "stop_execution": gettext_noop("Execution stopped after withdrawal, items {items}"),
    "status_received": gettext_noop("The other side tells the status of items {items}"),
    "withdraw_request": gettext_noop("Request withdrawn, items {items}"),
    "withdrawal_received": gettext_noop("The other side withdrew its request, items {items}"),
    "consult": gettext_noop("Consultation begun, items {items}"),
    "consultation_received": gettext_noop("The other side consults on items {items}"),
    "reply_to_consultation": gettext_noop("Replied in the consultation, items {items}"),
    "consultation_reply_received": gettext_noop("The other side replied in the consultation, items {items}"),
    "consultation_unanswered": gettext_noop("Consulted, no answer by {until}: put on record, items {items}"),
    "postpone_execution": gettext_noop("Execution postponed, items {items}"),
    "postponement_received": gettext_noop("The other side postponed execution, items {items}"),
    "offer_conditions": gettext_noop("Conditions offered, items {items}"),
    "conditions_offered_received": gettext_noop("The other side offers conditions, items {items}"),
    "accept_conditions": gettext_noop("Conditions accepted: they bind from now on, items {items}"),
    "conditions_accepted_received": gettext_noop("The other side accepted the conditions, items {items}"),
    "decline_conditions": gettext_noop("Conditions declined, items {items}"),
    "conditions_declined_received": gettext_noop("The other side declined the conditions, items {items}"),
    "tell_obstacle": gettext_noop("Obstacle to execution told, items {items}"),
    "obstacle_received": gettext_noop("The other side tells of an obstacle, items {items}"),
    "forward_request": gettext_noop("Forwarded to the competent authority, items {items}"),
    "forwarded_received": gettext_noop(
        "The other side forwarded the request to its competent authority, items {items}"
    ),
    "tell_confidentiality_impossible": gettext_noop("Told that confidentiality is impossible, items {items}"),
    "confidentiality_impossible_received": gettext_noop(
        "The other side cannot keep the request confidential, items {items}"
    ),
    "announce_costs": gettext_noop("Costs announced, items {items}"),
    "costs_received": gettext_noop("The other side announces costs, items {items}"),
    "ask_extension": gettext_noop("Extension of preservation asked for, items {items}"),
    "extension_asked_received": gettext_noop(
        "The other side asks for an extension of preservation, items {items}"
    ),
    "grant_extension": gettext_noop("Extension of preservation granted, items {items}"),
    "extension_granted_received": gettext_noop(
        "The other side granted an extension of preservation, items {items}"
    ),
    "decline_extension": gettext_noop("Extension of preservation declined, items {items}"),
    "extension_declined_received": gettext_noop(
        "The other side declined an extension of preservation, items {items}"
    ),
    "tell_preservation_ending": gettext_noop("Told that the preservation ends soon, items {items}"),
    "preservation_expiring_received": gettext_noop(
        "The other side tells that the preservation ends soon, items {items}"
    ),
    "tell_preservation_unhelpful": gettext_noop("Told that preservation would not help, items {items}"),
    "preservation_unhelpful_received": gettext_noop(
        "The other side tells that preservation would not help, items {items}"
    ),
    "decide_on_preservation": gettext_noop("Decided whether to preserve all the same, items {items}"),
    "preservation_decision_received": gettext_noop(
        "The other side decided whether to preserve all the same, items {items}"
    ),
    "give_advice": gettext_noop("Questions answered, items {items}"),
    "tell_whereabouts": gettext_noop("Whereabouts told, items {items}"),
    "disclose_path": gettext_noop("Path of a communication disclosed, items {items}"),
    "withhold_path": gettext_noop("Path of a communication withheld, items {items}"),
    "path_disclosure_received": gettext_noop(
        "The other side writes on the path of a communication, items {items}"
    ),
    "path_followed": gettext_noop("The path is followed: related case {reference}"),
    "information_opened": gettext_noop("Case opened for information without request"),
    "information_sent": gettext_noop("Information sent without request"),
    "information_received": gettext_noop("Information received that was not asked for"),
    "information_registered": gettext_noop("Information registered as {reference}"),
    "information_tied": gettext_noop("Information tied to case {reference}"),
    "proceedings_joined": gettext_noop("Joined to case {reference}: proceedings on the same conduct"),
    "order_renewed": gettext_noop("Order {number} to go on preserving issued to {provider}"),
    "tell_validation": gettext_noop("Told that the emergency request was validated, items {items}"),
    "emergency_validated_received": gettext_noop(
        "The other side tells that its emergency request was validated, items {items}"
    ),
    "revoke_emergency": gettext_noop("Emergency request revoked, items {items}"),
    "emergency_revoked_received": gettext_noop("The other side revoked its emergency request, items {items}"),
    "emergency_lapsed": gettext_noop(
        "The emergency was not validated in time: what was given for it may not be used"
    ),
    "emergency_disclosed": gettext_noop("Data given for the emergency; called back by: {name}"),
    "warning_answered": gettext_noop("Warning answered: {warning}"),
    "ask_use_permission": gettext_noop("Permission of another use asked for, items {items}"),
    "use_permission_asked_received": gettext_noop(
        "The other side asks for permission of another use, items {items}"
    ),
    "grant_use_permission": gettext_noop("Another use permitted, items {items}"),
    "use_permission_granted_received": gettext_noop("The other side permits the other use, items {items}"),
    "decline_use_permission": gettext_noop("Another use not permitted, items {items}"),
    "use_permission_declined_received": gettext_noop(
        "The other side does not permit the other use, items {items}"
    ),
    "ask_onward_permission": gettext_noop("Permission to pass on asked for, items {items}"),
    "onward_permission_asked_received": gettext_noop(
        "The other side asks for permission to pass on, items {items}"
    ),
    "grant_onward_permission": gettext_noop("Passing on permitted, items {items}"),
    "onward_permission_granted_received": gettext_noop("The other side permits passing on, items {items}"),
    "decline_onward_permission": gettext_noop("Passing on not permitted, items {items}"),
    "onward_permission_declined_received": gettext_noop(
        "The other side does not permit passing on, items {items}"
    ),
    "notify_exculpatory_disclosure": gettext_noop("Notice given of an exculpatory disclosure, items {items}"),
    "exculpatory_notice_received": gettext_noop(
        "The other side gives notice of an exculpatory disclosure, items {items}"
    ),
    "consult_on_disclosure": gettext_noop("Consultation asked for on the disclosure, items {items}"),
    "report_custody": gettext_noop("Our custody of what was received was told, items {items}"),
    "custody_update_received": gettext_noop("The other side tells its custody of exhibits, items {items}"),
    "material_marked": gettext_noop("Marked: {marking}"),
    "marking_lifted": gettext_noop("Marking lifted: {marking}"),
    "marking_cleared": gettext_noop("Privileged material cleared by the filter reviewer"),
    "marking_withheld": gettext_noop("Privileged material withheld by the filter reviewer"),
    "person_protected": gettext_noop("Identity of {person} kept apart"),
    "identity_reader_named": gettext_noop("{name} named as a reader of the identity of {person}"),
    "identity_named": gettext_noop("A text that named {person} was refused"),
    "identity_opened": gettext_noop("Identity of {person} opened: {purpose_stated}"),
    "renewal_asked": gettext_noop("A letter is being sealed again, so that it goes on proving itself"),
    "disclosure_marked": gettext_noop("Exhibit {number} listed as disclosed to the defence"),
    "withholding_proposed": gettext_noop("Withholding of exhibit {number} from the defence proposed"),
    "withholding_agreed": gettext_noop("Exhibit {number} withheld from the defence by a second person"),
    "withholding_declined": gettext_noop("Withholding of exhibit {number} from the defence declined"),
    "use_recorded": gettext_noop("Use recorded: {purpose}"),
    "disclosure_recorded": gettext_noop("Exculpatory disclosure recorded"),
    "ask_presence": gettext_noop("Presence of our officials asked for, items {items}"),
    "presence_asked_received": gettext_noop(
        "The other side asks for the presence of its officials, items {items}"
    ),
    "grant_presence": gettext_noop("Consented to the presence of the other side’s officials, items {items}"),
    "presence_granted_received": gettext_noop(
        "The other side consents to the presence of our officials, items {items}"
    ),
    "decline_presence": gettext_noop("Declined the presence of the other side’s officials, items {items}"),
    "presence_declined_received": gettext_noop(
        "The other side declines the presence of our officials, items {items}"
    ),
    "propose_hearing": gettext_noop("Hearing by video proposed, items {items}"),
    "hearing_proposed_received": gettext_noop("The other side proposes a hearing by video, items {items}"),
    "agree_to_hearing": gettext_noop("Hearing by video agreed to, items {items}"),
    "hearing_agreed_received": gettext_noop("The other side agrees to the hearing by video, items {items}"),
    "hearing_recorded": gettext_noop("Hearing by video put on record: {hearing}"),
    "service_recorded": gettext_noop("Attempt to serve the document of item {item} recorded: {attempt}"),
    "invitation_recorded": gettext_noop("The person of item {item} was told of the wish that they come"),
    "safe_conduct_arrived": gettext_noop("The person of item {item} came; safe conduct stands"),
    "safe_conduct_released": gettext_noop(
        "The person of item {item} was officially told that they are no longer needed"
    ),
    "safe_conduct_did_not_come": gettext_noop("The person of item {item} did not come"),
    "safe_conduct_left": gettext_noop("The person of item {item} left"),
    "safe_conduct_returned": gettext_noop("The person of item {item} came back of their own will"),
    "safe_conduct_could_leave": gettext_noop("Found that the person of item {item} could leave and stayed"),
    "safe_conduct_could_not_leave": gettext_noop("Found that the person of item {item} could not leave"),
    "tell_safe_conduct": gettext_noop("Told how safe conduct stands, items {items}"),
    "safe_conduct_received": gettext_noop("The other side tells how safe conduct stands, items {items}"),
    "safe_conduct_answered": gettext_noop("Warning of a safe conduct answered"),
    "oral_request_made": gettext_noop("Request made orally; its confirmation in writing is due"),
    "oral_request_noted": gettext_noop("Oral request written down; its confirmation in writing is awaited"),
    "oral_request_ended": gettext_noop("No confirmation in writing is awaited any more: {reason}"),
    "confirmation_tied": gettext_noop(
        "Confirmation in writing, which came as {reference}, tied to the oral request"
    ),
    "letter_opened": gettext_noop("Letter opened"),
    "letter_acknowledged": gettext_noop("Letter acknowledged: seen and taken on"),
    "case_passed_on": gettext_noop("Passed on within this State: {name}"),
    "referral_taken": gettext_noop("What was passed on was taken over: {name}"),
    "call_back_confirmed": gettext_noop("Called back, {means}: it is from them"),
    "call_back_denied": gettext_noop("Called back, {means}: it is not from them"),
    "call_back_not_reached": gettext_noop("Called back, {means}: nobody was reached"),
    "channel_note_sent": gettext_noop("Note for another channel sent, {channel}: {reference}"),
    "channel_note_received": gettext_noop("Note by another channel received, {channel}: {reference}"),
    "channel_document_kept": gettext_noop("Document {number} of another channel kept"),
    "handed_to_courier": gettext_noop("Letter handed to a courier, {carrier}, in bag {bag}"),
    "letter_failed": gettext_noop("A letter did not reach the other side: {why}"),
    "letter_unopened": gettext_noop("Nobody on the other side opened a letter in time"),
    "letter_offered_again": gettext_noop("A letter that had failed is offered again"),
    "letter_arrived_late": gettext_noop("A letter that had failed arrived after all"),
    "bundle_asked": gettext_noop("Court bundle ordered"),
    "access_given": gettext_noop("Case opened to {name}: {reason}"),
    "access_withdrawn": gettext_noop("Case closed to {name}: {reason}"),
    "clock_ran_out": gettext_noop("Time limit ran out: {clock}"),
    "clock_reminder": gettext_noop("Reminder: {clock} ends {until}"),
    "clock_waits": gettext_noop("Reminder: {clock} is owed without delay since {since}"),
}
JOINING = frozenset({"information_tied", "path_followed", "proceedings_joined"})
"""The lines that join a case to another, whose ``reference`` they hold."""

Listener = Callable[[Event], None]
"""Called with each new line, inside the transaction that writes it."""
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Register a higher room that hears of every line; wiring does."""
    if listener not in _listeners:
        _listeners.append(listener)


def note(
    case: Case,
    kind: str,
    *,
    now: datetime,
    by: Official | None = None,
    letter: uuid.UUID | None = None,
    entry: Entry | None = None,
    **params: Any,
) -> Event:
    """Add a line; ``params`` fill its sentence. A kind outside the list is a programming error."""
    if kind not in SENTENCES:
        raise KeyError(kind)
    event = Event.objects.create(
        case=case, at=now, kind=kind, params=params, by=by, letter=letter, entry=entry
    )
    for listener in _listeners:
        listener(event)
    return event


def of_clock(
    case_reference: str, kind: str, now: datetime, *, entry: Entry | None = None, **params: Any
) -> None:
    """Note on its case's timeline what became of a clock: it ran out, ends soon, or waits."""
    for case in Case.objects.filter(reference=case_reference):
        note(case, kind, now=now, entry=entry, **params)
