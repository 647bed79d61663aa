//! A small schema with a query, a mutation and a subscription.

use async_graphql::{Object, Schema, SimpleObject, Subscription};
use futures_util::{Stream, stream};
use graphql_http::list_size;

pub type Library = Schema<Query, Mutation, Counter>;

/// Builds the schema.
pub fn library() -> Library {
    Schema::new(Query, Mutation, Counter)
}

pub struct Query;
pub struct Mutation;
pub struct Counter;

#[derive(SimpleObject)]
pub struct Book {
    title: String,
    pages: i32,
}

#[Object]
impl Query {
    /// The first books.
    #[graphql(directive = list_size::apply(None, Some(vec!["first".to_owned()]), None, None))]
    async fn books(&self, #[graphql(default = 2)] first: i32) -> Vec<Book> {
        let book = |number| Book {
            title: format!("Volume {number}"),
            pages: 100 * number,
        };
        (1..=first).map(book).collect()
    }

    /// A field that fails and may not be null.
    async fn missing(&self) -> async_graphql::Result<Book> {
        Err("the book is missing".into())
    }

    /// A field that fails and may be null.
    async fn lost(&self) -> async_graphql::Result<Option<Book>> {
        Err("the book is lost".into())
    }
}

#[Object]
impl Mutation {
    /// Returns the title of a new book.
    async fn add(&self, title: String) -> String {
        title
    }
}

#[Subscription]
impl Counter {
    /// Counts from 1.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }

    /// Never sends anything.
    async fn silence(&self) -> impl Stream<Item = i32> {
        stream::pending()
    }
}
