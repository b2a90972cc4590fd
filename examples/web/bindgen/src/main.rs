//! `bindgen <module.wasm> <folder>`: writes what a browser loads, as `wasm-bindgen --target web` does.

use std::{env, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    let [module, folder] = env::args_os().skip(1).map(PathBuf::from).collect::<Vec<_>>().try_into().unwrap_or_default();
    let written = wasm_bindgen_cli_support::Bindgen::new()
        .input_path(&module)
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).omit_default_module_path(false).generate(&folder));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {}: {error:#}", module.display());
            ExitCode::FAILURE
        }
    }
}
