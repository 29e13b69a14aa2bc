"""The access matrix: which role may do which act. The only place that says so."""

from __future__ import annotations

from comity.node.accounts.models import Role

_ANYONE = frozenset(Role)
_CASEWORKERS = frozenset(
    {
        Role.DRAFTER,
        Role.REVIEWER,
        Role.SIGNATORY,
        Role.REGISTRAR,
        Role.EXECUTING_OFFICER,
        Role.CUSTODIAN,
        Role.DUTY_OFFICER,
    }
)
_ASSIGNED_ONLY = frozenset({Role.DRAFTER, Role.EXECUTING_OFFICER})
_OVERSEERS = frozenset({Role.DATA_PROTECTION_OFFICER, Role.AUDITOR})

ACCESS: dict[str, frozenset[Role]] = {
    # the requesting side prepares
    "open_case": frozenset({Role.DRAFTER, Role.DUTY_OFFICER}),
    "record_oral_request": frozenset({Role.DRAFTER, Role.DUTY_OFFICER}),
    "save_draft": frozenset({Role.DRAFTER, Role.DUTY_OFFICER}),
    "comment_on_draft": frozenset({Role.DRAFTER, Role.DUTY_OFFICER, Role.REVIEWER, Role.SIGNATORY}),
    "keep_templates": frozenset({Role.DRAFTER, Role.DUTY_OFFICER, Role.REVIEWER}),
    "submit_for_review": frozenset({Role.DRAFTER, Role.DUTY_OFFICER}),
    "approve_draft": frozenset({Role.REVIEWER}),
    "return_draft": frozenset({Role.REVIEWER, Role.SIGNATORY}),
    "sign_request": frozenset({Role.SIGNATORY}),
    "give_supplement": frozenset({Role.SIGNATORY}),
    "ask_status": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.DUTY_OFFICER}),
    "withdraw_request": frozenset({Role.SIGNATORY}),
    "accept_conditions": frozenset({Role.SIGNATORY}),
    "decline_conditions": frozenset({Role.SIGNATORY}),
    "ask_extension": frozenset({Role.SIGNATORY, Role.DUTY_OFFICER}),
    "open_information": frozenset({Role.DRAFTER}),
    "send_information": frozenset({Role.SIGNATORY}),
    "follow_path": frozenset({Role.DRAFTER, Role.DUTY_OFFICER}),
    "decide_on_preservation": frozenset({Role.SIGNATORY, Role.DUTY_OFFICER}),
    "ask_use_permission": frozenset({Role.DRAFTER, Role.SIGNATORY}),
    "ask_onward_permission": frozenset({Role.DRAFTER, Role.SIGNATORY}),
    "notify_exculpatory_disclosure": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.DUTY_OFFICER}),
    "report_custody": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.CUSTODIAN, Role.DUTY_OFFICER}),
    "record_use": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.CUSTODIAN, Role.DUTY_OFFICER}),
    "tell_safe_conduct": frozenset({Role.SIGNATORY, Role.DUTY_OFFICER}),
    "record_safe_conduct": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.DUTY_OFFICER}),
    # the requested side answers
    "note_oral_request": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER}),
    "tie_confirmation": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER}),
    "register_request": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER}),
    "assign_execution": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER, Role.SIGNATORY}),
    "order_preservation": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "report_preservation": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "order_production": frozenset({Role.EXECUTING_OFFICER}),
    "take_in_exhibit": frozenset({Role.CUSTODIAN, Role.EXECUTING_OFFICER}),
    "record_service": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "record_invitation": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "prepare_result": frozenset({Role.EXECUTING_OFFICER}),
    "release_result": frozenset({Role.SIGNATORY}),
    "refuse_execution": frozenset({Role.SIGNATORY}),
    "ask_supplement": frozenset({Role.REGISTRAR, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "tell_status": frozenset({Role.REGISTRAR, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "resume_execution": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "stop_execution": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "postpone_execution": frozenset({Role.SIGNATORY}),
    "offer_conditions": frozenset({Role.SIGNATORY}),
    "tell_obstacle": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "forward_request": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER}),
    "tell_confidentiality_impossible": frozenset({Role.EXECUTING_OFFICER, Role.SIGNATORY}),
    "announce_costs": frozenset({Role.EXECUTING_OFFICER, Role.SIGNATORY}),
    "tie_information": frozenset({Role.REGISTRAR, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "disclose_path": frozenset({Role.SIGNATORY, Role.DUTY_OFFICER}),
    "withhold_path": frozenset({Role.SIGNATORY}),
    "grant_extension": frozenset({Role.SIGNATORY, Role.DUTY_OFFICER}),
    "decline_extension": frozenset({Role.SIGNATORY}),
    "tell_preservation_ending": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "tell_preservation_unhelpful": frozenset({Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "grant_use_permission": frozenset({Role.SIGNATORY}),
    "decline_use_permission": frozenset({Role.SIGNATORY}),
    "grant_onward_permission": frozenset({Role.SIGNATORY}),
    "decline_onward_permission": frozenset({Role.SIGNATORY}),
    "consult_on_disclosure": frozenset({Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    # both sides speak, read and keep
    "end_oral_request": frozenset({Role.DRAFTER, Role.REGISTRAR, Role.DUTY_OFFICER}),
    "answer_safe_conduct": frozenset({Role.SIGNATORY}),
    "ask_presence": frozenset({Role.SIGNATORY, Role.DRAFTER}),
    "grant_presence": frozenset({Role.SIGNATORY}),
    "decline_presence": frozenset({Role.SIGNATORY}),
    "propose_hearing": frozenset({Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.DRAFTER}),
    "agree_to_hearing": frozenset({Role.SIGNATORY}),
    "record_hearing": frozenset({Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.DRAFTER}),
    "consult": frozenset({Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "reply_to_consultation": frozenset({Role.SIGNATORY}),
    "note_no_answer": frozenset({Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "prepare_letter": frozenset({Role.SIGNATORY, Role.DRAFTER, Role.EXECUTING_OFFICER, Role.DUTY_OFFICER}),
    "open_letter": _CASEWORKERS,
    "record_call_back": _CASEWORKERS - {Role.CUSTODIAN, Role.REVIEWER},
    "record_channel_note": _CASEWORKERS - {Role.CUSTODIAN, Role.REVIEWER},
    "read_letter_again": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER}),
    "carry_by_courier": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER, Role.SIGNATORY}),
    "see_reminder": _CASEWORKERS,
    "translate_letter": _CASEWORKERS,
    "view_case": _CASEWORKERS | _OVERSEERS | {Role.FILTER_REVIEWER},
    "keep_views": _CASEWORKERS | _OVERSEERS,
    # need-to-know (docs/decisions/0010): who sees cases without being named, and reads what they say
    "see_every_case": (_CASEWORKERS - _ASSIGNED_ONLY) | _OVERSEERS,
    "read_contents": _CASEWORKERS,
    "change_access": _CASEWORKERS - {Role.CUSTODIAN},
    "view_exhibit": frozenset(
        {Role.FILTER_REVIEWER, Role.CUSTODIAN, Role.EXECUTING_OFFICER, Role.SIGNATORY, Role.DRAFTER}
    )
    | _OVERSEERS,
    # a filter reviewer sees the cases that were opened to them, and decides on what is privileged in these
    "filter_exhibit": frozenset({Role.FILTER_REVIEWER}),
    "mark_material": _CASEWORKERS,
    "decide_marking": frozenset({Role.SIGNATORY, Role.FILTER_REVIEWER}),
    "mark_for_defence": frozenset({Role.DRAFTER, Role.SIGNATORY, Role.EXECUTING_OFFICER, Role.CUSTODIAN}),
    "renew_proof": frozenset({Role.CUSTODIAN, Role.SIGNATORY}),
    "decide_withholding": frozenset({Role.SIGNATORY, Role.REVIEWER}),
    "lift_marking": frozenset({Role.SIGNATORY}),
    "protect_person": _CASEWORKERS - {Role.CUSTODIAN, Role.REGISTRAR},
    "open_identity": _CASEWORKERS,
    "open_exhibit": frozenset({Role.CUSTODIAN, Role.EXECUTING_OFFICER}),
    "keep_exhibit": frozenset({Role.CUSTODIAN}),
    "dispose_exhibit": frozenset({Role.CUSTODIAN, Role.SIGNATORY}),
    "export_bundle": frozenset({Role.CUSTODIAN}),
    "view_ledger": frozenset(
        {Role.AUDITOR, Role.DATA_PROTECTION_OFFICER, Role.ADMINISTRATOR, Role.CUSTODIAN}
    ),
    "view_directory": _ANYONE,
    # what the public reports; what concerns the authority itself is for those who oversee it alone
    "triage_report": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER, Role.SIGNATORY}),
    "handle_report_about_us": _OVERSEERS,
    "see_reports": frozenset({Role.REGISTRAR, Role.DUTY_OFFICER, Role.SIGNATORY}) | _OVERSEERS,
    "withhold_report": frozenset({Role.SIGNATORY}) | _OVERSEERS,
    # the administrator keeps the node and sees no case
    "manage_accounts": frozenset({Role.ADMINISTRATOR}),
    "manage_webhooks": frozenset({Role.ADMINISTRATOR}),
    "manage_directory": frozenset({Role.ADMINISTRATOR}),
    # which of two keepers is right about another State's authority is no question of the machine
    "settle_conflict": frozenset({Role.SIGNATORY, Role.REGISTRAR}),
    "make_notice": frozenset({Role.SIGNATORY}),
    "manage_keys": frozenset({Role.ADMINISTRATOR}),
    "accept_clock": frozenset({Role.ADMINISTRATOR}),
    "view_administration_log": _OVERSEERS | {Role.ADMINISTRATOR},
}
