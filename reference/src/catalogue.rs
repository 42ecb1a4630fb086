//! One table a kind of error: variant, requirement, close code, words.
//!
//! The errors that a peer can cause are read more often than they are matched, so each kind is
//! written as a table and this macro turns the table into an enumeration.

/// Turns a table of `Variant(field: type) => "requirement", code, "words";` into an enumeration
/// with `requirement()`, `code()`, `Display` and the list `REQUIREMENTS`.
macro_rules! catalogue {
    (
        $(#[$outer:meta])*
        pub enum $name:ident : $code:ty {
            $(
                $(#[$inner:meta])*
                $variant:ident $(( $field:ident : $type:ty ))?
                    => $requirement:literal, $value:expr, $words:literal;
            )*
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $name {
            $( $(#[$inner])* $variant $(( $type ))?, )*
        }

        impl $name {
            /// The requirements that these violations name, in the order of the table.
            pub const REQUIREMENTS: &'static [&'static str] = &[$($requirement),*];

            /// The id of the requirement that was violated.
            pub fn requirement(&self) -> &'static str {
                match self {
                    $( Self::$variant { .. } => $requirement, )*
                }
            }

            fn code(&self) -> $code {
                match self {
                    $( Self::$variant { .. } => $value, )*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $( Self::$variant $(( $field ))? => write!(f, $words)?, )*
                }
                write!(f, " [{}]", self.requirement())
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use catalogue;
