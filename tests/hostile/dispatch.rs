//! The same attacks on the server of example 19.
//!
//! Those are left out that it leaves to others: to its listener, how many connections there are, and
//! to a proxy, to find out who has vanished or reads nothing.

use crate::{bytes, floods, slow, target::against_dispatch};

/// Makes a test of a test.
macro_rules! attacks {
    ($($module:ident [$($attack:ident)*])*) => {
        $($(
            #[test]
            fn $attack() {
                against_dispatch($module::$attack);
            }
        )*)*
    };
}

attacks! {
    bytes [
        what_is_not_http_2_is_hung_up_on
        noise_after_the_preface_ends_its_connection
        broken_calls_by_the_hundred_are_errors_and_no_more
        a_length_over_the_limit_is_refused_before_the_message_comes
        a_length_within_the_limit_takes_no_memory_before_the_message_comes
        decompression_bombs_are_resource_exhausted
        a_message_nested_too_deep_is_an_internal_error
        half_a_message_before_trailers_is_an_internal_error
    ]
    floods [
        rapid_resets_end_their_connection
        calls_that_are_reset_after_they_began_leave_nothing_behind
        made_you_reset_ends_its_connection
        calls_over_the_limit_are_refused_and_many_of_them_end_their_connection
        headers_without_end_end_their_connection
        a_bomb_of_headers_ends_its_connection
        calls_with_large_headers_never_reach_a_handler
        every_ping_is_answered
        settings_are_acknowledged_one_by_one
        one_who_does_not_read_is_not_read_either
        a_body_of_nothing_but_frames_ends_its_connection
        frames_against_the_rules_end_their_connection
        frames_of_no_consequence_are_read_and_forgotten
    ]
    slow [
        a_preface_that_does_not_come_ends_its_connection
        a_handler_goes_no_further_than_a_closed_window_lets_it
        a_caller_who_asks_for_everything_and_reads_nothing_fills_the_buffers_of_its_calls
        what_no_handler_reads_is_bounded_by_the_window
    ]
}
