//! The keysift command.

fn main() -> std::process::ExitCode {
    keysift::cli::main()
}
