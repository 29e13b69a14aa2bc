"""The words for places in the software where a provision acts, and for what it asks of a State."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from comity.node.pages.labels.letters import TURNS

Label = str | Promise

ROOMS: dict[str, Label] = {
    "casework": _("Requests"),
    "evidence": _("Evidence"),
    "exchange": _("Exchange of letters"),
    "desk": _("Desk"),
    "persons": _("Extradition and transfer of persons"),
    "property": _("Freezing to return of property"),
    "teams": _("Joint investigations"),
    "tracker": _("Implementation tracker"),
}

HOMES: dict[str, Label] = {
    "rule": _("rule"),
    "right_or_limit": _("right or limit"),
    "register": _("register"),
    "workflow": pgettext_lazy("of the software", "act"),
    "tracker": _("question to the State"),
    "awaited": _("not built yet"),
}

FORCES: dict[str, Label] = {
    "must": pgettext_lazy("obligation", "the treaty obliges"),
    "consider": pgettext_lazy("obligation", "the treaty asks to consider it"),
    "may": pgettext_lazy("obligation", "the treaty allows it"),
}

PARTS: dict[str, Label] = {
    "preamble": _("Preamble"),
    "conclusion": _("Closing words"),
    "annex": _("Annex"),
    "footnote": _("Footnote"),
    "res": _("Resolution of the General Assembly"),
    "decree": _("Decree of the President"),
    "bill": _("Ratification bill"),
    "submission": _("Submission of the bill"),
    "ratification": _("Ratification law"),
}

FOUND: dict[str, Label] = {
    "text": _("text as published"),
    "heading": _("heading"),
    "summary": _("our summary"),
    "reading": _("our reading"),
    "question": _("question to the State"),
}

ACTS: dict[str, Label] = {
    "manage_providers": _("Give and end accounts of people of providers"),
    "ask_drill": _("Ask a desk whether it is there"),
    "answer_drill": _("Answer a drill"),
    "receive": _("Receive a report of the public"),
    "circulate": _("Make a list of authorities for circulation"),
    "tell_update": _("Tell every authority what changes in this one"),
    "make_notice": _("Make a notice of designation or change"),
    "change_access": _("Change who may see a case"),
    "export_bundle": _("Export the court bundle"),
    "ask_for_more": _("Ask for more: the answer is insufficient"),
    "answer_warning": _("Answer a warning about an emergency"),
    "record_call_back": _("Record a call back by a second channel"),
    "record_channel_note": _("Record a communication by diplomatic channels or through INTERPOL"),
    "carry_by_courier": _("Send or take in letters by courier"),
    "read_letter_again": _("Read a letter again that was not understood"),
    "offer_letter_again": _("Offer a letter again that was not taken in time"),
    "hand_out_letter": _("Hand out a letter"),
    "open_case": _("Open a case"),
    "note_no_answer": _("Record that a consultation was not answered"),
    "see_reminder": _("Take note of a reminder"),
    "open_letter": _("Open a letter"),
    "acknowledge": _("Acknowledge what came in"),
    "pass_on": _("Pass a case on within this State"),
    "plan_shift": _("Plan a shift of the desk"),
    "take_over": _("Take over the desk"),
    "hand_over": _("Hand over the desk"),
    "record_training": _("Record a training of the desk’s staff"),
    "assign_execution": _("Assign the execution"),
    "order_preservation": _("Order a provider to preserve"),
    "order_production": _("Order a provider to produce"),
    "order_measure": _("Prepare an order of any kind, or renew one"),
    "record_order_review": _("Record the decision on an order"),
    "issue_order": _("Issue an order that another prepared"),
    "end_order": _("Lift or withdraw an order"),
    "end_order_secrecy": _("End the secrecy of an order"),
    "reply_on_order": _("Reply to a question about an order"),
    "record_order_answer": _("Write down the answer to an order"),
    "answer_order": _("Write down the answer to an order"),
    "answer_in_words": _("Answer the question"),
    "open_information": _("Open a case for information without request"),
    "send_information": _("Send information without request"),
    "register_information": _("Register information without request"),
    "follow_path": _("Follow the path into another State"),
    "prepare_result": _("Prepare the result"),
    "refuse_execution": _("Refuse execution"),
    "record_oral_request": _("Record that a request was made orally"),
    "note_oral_request": _("Write down an oral request"),
    "tie_confirmation": _("Tie a confirmation to the oral request"),
    "end_oral_request": _("Record that no confirmation is awaited any more"),
    "register_request": _("Register the request"),
    "release_result": _("Sign and release the result"),
    "report_preservation": _("Report that data are preserved"),
    "save_draft": _("Draft a request"),
    "restore_version": _("Go back to a version of the draft"),
    "comment_on_draft": _("Comment on a draft"),
    "keep_template": _("Keep a template"),
    "keep_view": _("Keep a search as a view"),
    "take_texts": _("Take edited texts into a draft"),
    "enclose_file": _("Let a file travel with a request"),
    "translate_draft": _("Translate a draft"),
    "translate_letter": _("Translate a letter for oneself"),
    "sign_request": _("Sign and seal the request"),
    "submit_for_review": _("Submit for review"),
    "take_in_exhibit": _("Take in an exhibit"),
    "approve_draft": _("Approve a draft"),
    "arrange_hearing": _("Arrange a hearing by video"),
    "answer_presence": _("Answer whether officials may be present"),
    "prepare_letter": _("Prepare a letter that decides, or return one"),
    "record_hearing": _("Record what became of a hearing by video"),
    "record_service": _("Record an attempt to serve a document"),
    "record_invitation": _("Record that a person was asked to come, and their answer"),
    "record_safe_conduct": _("Record a safe conduct"),
    "answer_safe_conduct": _("Answer the warning of a safe conduct"),
    "record_use": _("Record a use of what was received"),
    "record_disclosure": _("Record a disclosure to the defence"),
    "grant_permission": _("Grant a permission"),
    "decline_permission": _("Decline a permission"),
    "mark": _("Mark what must be kept apart"),
    "mark_for_defence": _("Decide what the defence is shown"),
    "renew_proof": _("Have a letter sealed again"),
    "decide_withholding": _("Decide on a withholding from the defence"),
    "protect_person": _("Keep a person’s identity apart"),
    **TURNS,
}

REGISTERS: dict[str, Label] = {
    "Authority": _("Register of authorities"),
    "Case": _("Register of requests"),
    "Clock": _("Running clocks"),
    "CustodyRecord": _("Custody of exhibits"),
    "Designation": _("Register of authorities"),
    "Exhibit": _("Register of exhibits"),
    "Letter": _("Register of letters"),
    "Limit": _("Limits on use"),
    "Order": _("Orders to providers"),
    "Receipt": _("Register of receipts"),
    "StatusTable": _("Status of States"),
}


def software(dotted: str) -> str:
    """What a dotted name of the software is called; its last word, readable, where it has no label yet."""
    name = dotted.rpartition(".")[2]
    words = ACTS.get(name) or REGISTERS.get(name)
    return str(words) if words else name.replace("_", " ").capitalize()
