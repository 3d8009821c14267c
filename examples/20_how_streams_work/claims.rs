//! The list of claims.
//!
//! The numbers in them belong to h2 0.4.20, hyper 1.12.0 and tonic 0.14.9.

use crate::claim::{Claim, Figure};

/// Declares the modules, and lists their claims.
macro_rules! claims {
    ($($name:ident,)*) => {
        $(mod $name;)*

        /// The claims, in the order in which they are told.
        pub(crate) const CLAIMS: &[Claim] = &[$($name::CLAIM),*];
    };
}

claims! {
    gzip_grows_small_messages,
    oversize_codes,
    bad_details_panic,
    unary_calls_take_two_writes,
    small_frames_share_a_write,
    the_scheduler_batches,
    who_encodes,
    ready_is_no_back_pressure,
    late_calls_still_open,
    reconnecting_does_not_wait,
    tonic_limits_no_streams,
    age_with_grace_cuts,
    draining_fails_a_call,
    messages_are_not_frames,
    iter_yields_every_32,
    half_close,
    answers_may_be_early,
    early_answers_leave_a_debt,
    opening_is_not_sending,
    sent_is_not_sent,
    back_pressure,
    windows_per_round_trip,
    tiny_messages_kill,
    dropping_is_cancelling,
    timeouts_are_not_deadlines,
    trailers_in_metadata,
}

/// The measurements.
pub(crate) const FIGURES: &[Figure] =
    &[the_scheduler_batches::FIGURE, unary_calls_take_two_writes::FIGURE];
