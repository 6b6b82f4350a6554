//! WASI preview 1 error numbers, as this crate returns them.

/// An error number; a function's success is the number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Errno {
    BadFd = 8,
    Busy = 10,
    /// The call costs more fuel than is left: the guest traps and never sees this number.
    OutOfFuel = 11,
    Exist = 20,
    Fault = 21,
    FileTooBig = 22,
    IllegalText = 25,
    Invalid = 28,
    Io = 29,
    IsDir = 31,
    Loop = 32,
    TooManyFiles = 33,
    NameTooLong = 37,
    NoEntry = 44,
    NoSpace = 51,
    NoSys = 52,
    NotDir = 54,
    NotEmpty = 55,
    NotSocket = 57,
    NotSupported = 58,
    NotPermitted = 63,
    ReadOnly = 69,
    SeekPipe = 70,
    NotCapable = 76,
}

pub(crate) type Result<T> = std::result::Result<T, Errno>;
