//! The qloom binary.

fn main() -> std::process::ExitCode {
    qloom_cli::main(std::env::args_os())
}
