//! Each exercise can be solved, and is not solved yet.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Runs the program of an exercise.
fn check(name: &str, program: &str, words: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program).args(words).output().expect("the check starts");
    let printed = String::from_utf8(output.stdout).expect("a sentence is text");
    assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    (output.status.code(), printed)
}

macro_rules! exercises {
    ($($test:ident: $name:literal,)*) => {
        const NAMES: &[&str] = &[$($name),*];

        $(
            #[test]
            fn $test() {
                let program = env!(concat!("CARGO_BIN_EXE_", $name));
                assert_eq!(check($name, program, &["solution"]), (Some(0), "It passes.\n".to_owned()));
                let (code, sentence) = check($name, program, &[]);
                assert_eq!(code, Some(1), "{sentence}");
                insta::with_settings!({
                    snapshot_path => "../../tests/snapshots/exercises",
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                }, { insta::assert_snapshot!($name, sentence) });
            }
        )*
    };
}

exercises! {
    exercise_01: "01_create_order",
    exercise_02: "02_get_order_list",
    exercise_03: "03_create_orders",
    exercise_04: "04_running_total",
    exercise_05: "05_stock_errors",
    exercise_06: "06_leave_early",
    exercise_07: "07_budget",
    exercise_08: "08_send_and_read",
    exercise_09: "09_chunks",
    exercise_10: "10_lines",
    exercise_11: "11_missed",
    exercise_12: "12_goodbye",
    exercise_13: "13_reasons",
    exercise_14: "14_on_loan",
    exercise_15: "15_cards",
    exercise_16: "16_who_may",
    exercise_17: "17_five_bytes",
    exercise_18: "18_fair_turns",
    exercise_19: "19_lookup",
    exercise_20: "20_credit",
    exercise_23: "23_stores",
    exercise_25: "25_nearest",
}

#[test]
fn every_folder_is_an_exercise() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let folders: BTreeSet<_> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(|it: char| it.is_ascii_digit()))
        .collect();
    assert_eq!(folders, NAMES.iter().map(ToString::to_string).collect());
}
