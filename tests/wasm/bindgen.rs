//! `bindgen FOLDER MODULE.wasm`: makes a module for Node of what the library was compiled to.

use std::{env, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [folder, module] = arguments.as_slice() else {
        eprintln!("bindgen takes a folder and a module of WebAssembly");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let made = bindgen.input_path(module).nodejs(true).and_then(|it| it.generate(folder));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
