//! Regular expressions of texts, in a syntax that all dialects share. The description and the forms publish them.

/// One visible character. Characters beyond U+FFFF are not listed, because some dialects match their surrogates
/// separately.
macro_rules! visible {
    () => {
        r"[^\s\u0000-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC]"
    };
}

/// A text of one line: at least one visible character, and no control or bidirectional formatting characters, except in
/// the white space around it, which is trimmed.
pub const LINE: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);
/// A text of several lines.
pub const LINES: &str = concat!(
    r"^[\t-\r ]*",
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    visible!(),
    r"[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*",
    r"[\t-\r ]*$"
);
