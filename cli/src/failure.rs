//! What a command ends with when it does not succeed: the message, and which exit code it means.

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Something given by the user is wrong; exit code 2.
    Input(anyhow::Error),
    /// The work itself failed; exit code 1.
    Work(anyhow::Error),
    /// Bad input that the command has told about already; exit code 2.
    Reported,
    /// A folder is in use by another process; exit code 2.
    Busy(anyhow::Error),
    /// Work saved before its end because its time was up, which the command has told about; exit code 75, as for what may be tried again.
    Unfinished,
}

impl Failure {
    /// Bad input with a message.
    pub fn input(message: impl std::fmt::Display) -> Self {
        Failure::Input(anyhow::anyhow!("{message}"))
    }

    /// The process's exit code: 2 for bad input, 1 for failed work, 75 for work that waits to be gone on with.
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Input(_) | Failure::Reported | Failure::Busy(_) => 2,
            Failure::Work(_) => 1,
            Failure::Unfinished => 75,
        }
    }

    /// The message with its causes, outermost first; empty when the command has told already.
    pub fn message(&self) -> String {
        match self {
            Failure::Input(error) | Failure::Work(error) | Failure::Busy(error) => format!("{error:#}"),
            Failure::Reported | Failure::Unfinished => String::new(),
        }
    }
}

/// Turns library errors into failures, with the file or value they are about.
pub trait OrFailure<T> {
    /// The error is the user's input at `place`.
    fn or_input(self, place: impl std::fmt::Display) -> Result<T, Failure>;
    /// The error is the work's, at `place`.
    fn or_work(self, place: impl std::fmt::Display) -> Result<T, Failure>;
}

impl<T, E: Into<anyhow::Error>> OrFailure<T> for Result<T, E> {
    fn or_input(self, place: impl std::fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::Input(error.into().context(place.to_string())))
    }

    fn or_work(self, place: impl std::fmt::Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::Work(error.into().context(place.to_string())))
    }
}
