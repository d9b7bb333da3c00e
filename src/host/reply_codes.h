// Internal: every code that a reply or an error can bear, with its meaning:
// docs/reference/errors.md is made of these tables (tools/errors_page.py). A
// code that the sources give and the table lacks, or the other way round, fails
// a test.
#ifndef STEPWELL_HOST_REPLY_CODES_H_
#define STEPWELL_HOST_REPLY_CODES_H_

#include <string_view>

namespace stepwell::host {

struct ReplyCode {
  std::string_view code;
  std::string_view meaning;
  std::string_view hint;  // what to do about it
};

// clang-format off
// Of a reply of kind "rejected": the service's rules say no.
inline constexpr ReplyCode kRejectionCodes[] = {
    {"alert_closed", "The declared alert is closed.", "Leave it out: only open alerts are adopted."},
    {"alert_not_acknowledged", "An alert is acknowledged before it is assessed.", "Acknowledge it first."},
    {"alert_not_assessed", "An alert is assessed before it is closed or marked.", "Assess it first, with an outcome."},
    {"alert_not_raised", "The alert is acknowledged already.", "Go on with the assessment."},
    {"alert_open", "An alert of the tier is declared twice.", "Declare it once, with the deadline that is earlier."},
    {"alert_without_owner", "The declared alert has no owner.", "Give its pool, and the member of staff who has it."},
    {"already_booked", "The appointment has a time, or the case its seat in the group.", "Reschedule it instead; a seat is called off first."},
    {"already_enrolled", "An enrolment in the program is running.", "Change it, or end it before another begins."},
    {"appointment_ahead", "The time of the appointment has not come.", "Complete it when it was held; if they met before, reschedule it first."},
    {"appointment_begun", "The time of the appointment has come.", "It is held, or a no-show."},
    {"appointment_not_open", "The case has no such open appointment.", "Open one, or look which occurrence is meant."},
    {"at_in_future", "`at` lies on a day to come.", "Record what has happened."},
    {"backdated_too_far", "`at` lies further back than the protocol allows for this command.", "The reason names the limit; members of the pool that it names may, with a `reason`."},
    {"case_closed", "The case is closed.", "It takes a new referral, which begins a new episode."},
    {"case_known", "The person has a case here already.", "Only a person without one is adopted."},
    {"case_not_paused", "The case is not paused.", "Nothing is to be resumed."},
    {"case_open", "The record to be merged has a case that is open.", "Close that case first, or merge the other way round."},
    {"case_paused", "The case is paused.", "Resume it, or change the review."},
    {"case_required", "The effect belongs to a case that the command does not name.", "Name it in `case`."},
    {"caseload_full", "The member of staff has as many cases as the pool allows.", "Assign somebody else, or the pool."},
    {"checklist_incomplete", "The review has questions without an answer.", "Answer each: yes, no or not_applicable; the reason names them."},
    {"claimed_by_another", "Another member of staff has claimed the work.", "They release it or hand it over, or whoever stands behind the pool does, with a reason."},
    {"clock_behind", "The time given lies more than 5 minutes before the last event of the case.", "Set the clock of the caller right; patients' input is taken all the same."},
    {"clock_runs", "The clock is declared twice.", "Declare it once."},
    {"cover_away", "Who is to cover is on leave at that time, or is the one who leaves.", "Name another member of staff."},
    {"covers_another", "The member of staff covers for somebody at that time.", "Give that leave another cover first."},
    {"death_noted", "The case knows of the death.", "Nothing is to be done."},
    {"death_registered", "The person is registered as dead, which no command takes back.", "Leave `died` out to correct other data; refer a person who lives under another identifier."},
    {"effect_settled", "No such effect waits for an answer.", "It was answered before, or ran out."},
    {"enrolment_required", "The declared item is of a program that nobody is in.", "Declare the enrolment."},
    {"expiry_required", "The mark \"reviewed, unchanged\" has no end.", "Give `until`."},
    {"fact_required", "The item asks for a value.", "Give it with the completion."},
    {"fact_type", "The value is not of the fact's type.", "Give one that is."},
    {"follow_up_required", "It is not said when the work that is put off comes back.", "Give `until`."},
    {"follow_up_too_late", "The work would be put off for too long.", "Take an earlier date; the reason has the latest."},
    {"group_closed", "The group has begun, or was called off.", "Take a seat in another one."},
    {"group_known", "A group of this id is there already.", "Give the new one another id."},
    {"group_required", "The appointment is a seat in a group, or is none; a seat is booked and not proposed.", "Book it with `group`, or book a time."},
    {"group_size", "The group needs more members than it has places.", "Lower the minimum or give more places."},
    {"guidance_required", "Changing the guidance needs the level.", "Give `guidance`."},
    {"has_left", "The member of staff has left the service.", "Take somebody else."},
    {"identifier_conflict", "The identifiers belong to two different persons.", "If they are one, merge them with merge_persons; else correct the identifiers."},
    {"in_the_future", "What is declared lies in the future.", "Declare what has happened; what is planned follows by itself."},
    {"item_begun", "The patient has begun the item, or has ended it.", "What has begun can be skipped or cancelled, not locked."},
    {"item_blocked", "The item has not been there yet.", "Open it, or unlock it."},
    {"item_elsewhere", "The declared item is open, and is of a phase in which the case is not.", "Declare it as ended, or another phase."},
    {"item_locked", "A clinician has locked the item.", "Unlock it first."},
    {"item_needed", "The item is asked for the patient's safety.", "It is neither locked nor left out ahead."},
    {"item_not_blocked", "The item is not blocked.", "There is nothing to unlock."},
    {"item_not_open", "The case has no such open item.", "Open it, or look which occurrence is meant."},
    {"item_open", "The item is open already.", "Take the open one."},
    {"lacks_skill", "The case needs a skill or language that the member of staff does not have.", "Take somebody else, enter what they can do, or assign with a `reason`."},
    {"leave_overlaps", "Two leaves of one member of staff meet.", "Give the earlier one another end: the same `from` changes it."},
    {"leave_range", "The leave ends before it begins.", "Give an end after its start; in a command as JSON it is an error."},
    {"mark_too_long", "The mark \"reviewed, unchanged\" would hold for too long.", "End it where the reason says: then a person looks again."},
    {"merge_reversed", "Only the record to be merged has a case.", "Merge the other way round, so that the case stays the person's."},
    {"message_not_open", "The case has no such open message.", "It was answered or closed before."},
    {"minutes_out_of_range", "The minutes are not from 0 to 1440.", "Correct them."},
    {"mode_not_allowed", "The appointment does not meet in this way.", "Take one of the modes that the reason lists."},
    {"mode_required", "It is not said how they will meet.", "Give `mode`."},
    {"module_not_ahead", "The module has begun, or is not in the sequence.", "Skip what has begun; include what is not in it."},
    {"month_drawn", "The reviews of the month have been drawn.", "They are on the worklists; nothing is drawn twice."},
    {"month_not_over", "The month is not over.", "Draw its reviews when all that belongs to it has happened."},
    {"new_member", "Whoever is new signs nothing for others.", "Another member of the pool signs it."},
    {"no_reviews", "The protocol of the service draws no reviews.", "Say in `supervision` what is to be reviewed."},
    {"no_transfer", "The protocol hands no cases over, or the case is not being handed over.", "Look at `transfer` of the protocol, and at the case."},
    {"not_a_case_clock", "The clock is of items, alerts, messages or transfers.", "It goes with what it is about: declare that."},
    {"not_a_member", "The member of staff is not of this pool.", "Assign a member, or register the membership."},
    {"not_booked", "The appointment has no booking that could be changed or missed, or must be booked before it is held.", "Book it first; a no-show needs a booking that has passed."},
    {"not_claimed", "The work lies in the queue of its pool.", "Nothing is to be released."},
    {"not_enrolled", "No enrolment in the program is running.", "Start one."},
    {"not_fileable", "The parked text does not say what the patient does.", "Enter it as the patient's own input, then dismiss this with a reason."},
    {"not_for_role", "The command is not for this role.", "Send it as a member of staff or as the host."},
    {"not_merged", "The record was not merged into another.", "Name the person by an identifier of the record that was."},
    {"not_related", "The case has no related person of this role.", "Enter one with relate_person."},
    {"not_voidable", "The event cannot be taken back.", "Record what is right by a command of its own."},
    {"not_waiting", "The case does not stand in the queue.", "Look where it is: it may have been let in already."},
    {"notice_too_short", "The appointment is too near to be moved by the patient.", "Call it off, which counts as missed, and book anew; the service may move it."},
    {"on_leave", "The member of staff is on leave.", "Take somebody else; a case is assigned all the same with a `reason`."},
    {"one_person", "Both names mean the same person already.", "Nothing is to be done."},
    {"order_against_needs", "A module would come before one that it needs.", "Put it after the modules that it needs."},
    {"outcome_required", "The step ends in one of a list of outcomes.", "Give one; the reason lists them."},
    {"own_work", "Nobody signs or reviews what they did themselves.", "Another member of the pool does."},
    {"owner_required", "The case, or the work, needs an owner.", "Give a pool, and the member of staff whose it is."},
    {"parked_not_open", "There is no such parked input.", "It was filed or dismissed before."},
    {"patient_item", "The work is the patient's.", "Let the patient do it, or skip or cancel it with a reason."},
    {"person_required", "The step is taken by a person.", "Send it with the role of staff and who acts."},
    {"phase_final", "Care has ended in the declared phase.", "Only patients in treatment are adopted."},
    {"pool_empty", "Nobody works in the pool.", "Enter its staff, take another pool, or assign with a `reason`."},
    {"program_elsewhere", "The program is given in a phase where the case is not, and the patient has not taken it before.", "Move the case there first, by what its protocol asks."},
    {"reason_required", "The step needs a reason.", "Give `reason`."},
    {"receiver_required", "It is not said which service receives the case.", "Give `to`."},
    {"referral_identifier_conflict", "The identifier names a referral of another person.", "Correct the identifier or the person."},
    {"referral_known", "The case already holds this referral.", "Nothing is to be done."},
    {"related_died", "Who is to be related to the patient is registered as dead.", "Enter somebody else."},
    {"related_person", "One of the two to be merged is on file as a related person of the other.", "Nobody is one of their own: if it was entered by mistake, end it with relate_person first."},
    {"related_required", "Several related persons are of this role.", "Name in `related` who has said it."},
    {"reschedules_used_up", "The appointment was moved as often as its protocol allows.", "Staff may move it with a reason."},
    {"review_required", "A pause has a time at which it is reviewed.", "Give it."},
    {"review_too_late", "The review of the pause is too far away.", "Take an earlier time; the reason has the latest."},
    {"score_out_of_range", "The questionnaire cannot give the declared score.", "Give the total as the questionnaire counts it, or leave it out."},
    {"sequence_empty", "No module would be left in the sequence.", "End the enrolment instead."},
    {"sign_awaited", "The item is completed and waits for a second person.", "Sign it, or return it."},
    {"sign_not_asked", "Nothing of the item waits for a second sign.", "Complete it."},
    {"slot_gone", "The slot is not offered, or no longer.", "Look at the slots of the appointment, and take one of them."},
    {"slot_id", "Two slots of an offer bear one id, or one bears none.", "Give each slot an id of its own."},
    {"slot_required", "The appointment is booked in one of the slots that are offered.", "Give `slot`; `offer_slots` offers some."},
    {"slot_taken", "Somebody else has booked the slot.", "Take another slot."},
    {"time_in_past", "The appointment lies in the past.", "Give a time to come; staff say in `at` when a time that is past was arranged."},
    {"transfer_running", "The case is being handed over already.", "Confirm it or take it back first."},
    {"unknown_action", "There is no such step.", "The reason lists those that there are."},
    {"unknown_alert", "The case has no such alert.", "Look at the case."},
    {"unknown_event", "The case has no such event.", "Look at its log."},
    {"unknown_fact", "The protocol of the case has no such fact.", "Look at the protocol that the case is pinned to."},
    {"unknown_group", "There is no such group of the kind that the appointment is for.", "Look at the groups of the service."},
    {"unknown_item", "The protocol of the case has no such item.", "Look at the protocol that the case is pinned to."},
    {"unknown_message", "The case has no such message.", "Look at the case."},
    {"unknown_pool", "The protocol has no such pool.", "Look at the protocol."},
    {"unknown_program", "The protocol of the case gives no such program.", "Take one that an item of it gives."},
    {"unknown_purpose", "The protocol of the case has no such purpose of consent.", "Look at the protocol that the case is pinned to."},
    {"unknown_referral", "The case has no such referral.", "Look at the case."},
    {"unknown_route", "The protocol has no such route.", "Look at the protocol."},
    {"unknown_staff", "No such member of staff is registered.", "Register them first."},
    {"wrong_person", "The case belongs to another person than the command names.", "Correct the case or the person: nothing was filed."},
};

// Of a reply of kind "parked": what a patient sent is kept and owned, with a
// clock, and somebody must see where it belongs.
inline constexpr ReplyCode kParkingCodes[] = {
    {"command_id_used", "The command id was used before, with other content.", "Send new input under a new id."},
    {"no_case", "The person has no case in this service.", "Refer the person, then file it."},
    {"no_subject", "The input names no case and no person.", "File it where it belongs."},
    {"not_decided", "The case could not take it now; the reason says why.", "File it when the case can."},
    {"repeated_key", "A key stands twice in the text, with different values.", "Read the raw text, and file it or dismiss it with a reason."},
    {"unknown_case", "There is no such case.", "File it where it belongs."},
    {"unknown_command", "It is not said what the patient sends.", "Enter it as what it is, then dismiss it with a reason."},
    {"unknown_person", "No such person is registered.", "Register the person, or file it where it belongs."},
    {"wrong_person", "The case belongs to another person than the input names.", "File it under the right one."},
};

// Of an error: the work could not be done, and nothing has changed
// (ErrorCode of stepwell/error.h, stepwell_status of stepwell.h).
inline constexpr ReplyCode kErrorCodes[] = {
    {"ok", "Nothing is wrong.", ""},
    {"invalid", "An argument or a document is not what it must be.", "Message, pointer, offset and issues say where."},
    {"not_found", "There is no such document, case, person or file.", "Check the name."},
    {"conflict", "Somebody else has written first.", "Read again and try again."},
    {"id_used", "The command id was used before, with other content.", "A new command needs a new id."},
    {"precondition", "The call cannot be made in this state.", "The message says what must come first."},
    {"too_large", "A limit is exceeded.", "docs/reference/limits.md has them."},
    {"corrupt", "Stored bytes are not what was written.", "Stop, and restore from a copy; `stepwell service verify` says what is wrong."},
    {"unavailable", "The store cannot be used now.", "Try again."},
    {"cancelled", "The caller has stopped the work.", ""},
    {"unsupported", "This build or store cannot do it.", "The message says what can."},
    {"no_memory", "There is not enough memory (C interface).", ""},
    {"misuse", "The interface was called in a way that its contract forbids (C interface, Python).", "The message names the argument."},
    {"callback_failed", "A function of the caller has failed (C interface).", "It is the caller's own error."},
    {"internal", "A mistake of the library.", "Please report it with the message."},
};
// clang-format on

}  // namespace stepwell::host

#endif  // STEPWELL_HOST_REPLY_CODES_H_
