//! One newtype for each id, so that a game can never be looked up by the id of an offer.
//!
//! All are 64-bit integers from 1, given out by the database and never used again.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            serde::Serialize,
            serde::Deserialize,
            sea_orm::DeriveValueType,
            utoipa::ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = i64, minimum = 1, example = 1)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A person who has, or had, an account.
    UserId
}
id! {
    /// A game that somebody lists.
    GameId
}
id! {
    /// An offer to trade.
    OfferId
}
