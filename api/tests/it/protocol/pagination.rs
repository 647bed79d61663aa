//! Pagination of every list, forwards and backwards.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

/// A page of any list.
pub struct Page {
    pub ids: Vec<i64>,
    pub links: BTreeMap<String, String>,
}

impl Page {
    /// Reads a page, and asserts that its Link header has those of its `_links` that lead to pages.
    pub async fn at(client: &Client, path: &str) -> Self {
        let answer = client.get(path).await;
        let header = in_header(&answer);
        let body = answer.expect(200);
        let (_, rows) = body["_embedded"]
            .as_object()
            .unwrap()
            .iter()
            .next()
            .unwrap();
        let rows = rows.as_array().unwrap().iter();
        let links = body["_links"].as_object().unwrap().iter();
        let href = |link: &Value| link["href"].as_str().unwrap().to_owned();
        let mut links: BTreeMap<_, _> = links
            .map(|(name, link)| (name.clone(), href(link)))
            .collect();
        assert_eq!(links.remove("self").as_deref(), Some(path));
        links.remove("facets");
        assert_eq!(header, links, "{path}");
        Self {
            ids: rows.map(|row| row["id"].as_i64().unwrap()).collect(),
            links,
        }
    }

    pub async fn follow(&self, client: &Client, relation: &str) -> Option<Self> {
        match self.links.get(relation) {
            Some(path) => Some(Self::at(client, path).await),
            None => None,
        }
    }
}

/// Returns the links of the Link header, by relation.
fn in_header(answer: &Answer) -> BTreeMap<String, String> {
    let links = answer.header("link").split(", ");
    links
        .map(|link| {
            let (href, relation) = link.split_once(">; rel=").unwrap();
            let href = href.strip_prefix('<').unwrap();
            (relation.trim_matches('"').to_owned(), href.to_owned())
        })
        .collect()
}

/// Walks a list to its end and back, and asserts that each row appears once each way, in this order.
pub async fn walk(client: &Client, path: &str, limit: usize, expected: &[i64]) {
    let separator = if path.contains('?') { '&' } else { '?' };
    let start = format!("{path}{separator}limit={limit}");
    let mut page = Page::at(client, &start).await;
    assert!(!page.links.contains_key("prev"), "{start}");
    let mut forwards = vec![page.ids.clone()];
    while let Some(next) = page.follow(client, "next").await {
        assert!(next.links.contains_key("prev"), "{start}");
        assert_eq!(next.links["first"], start);
        forwards.push(next.ids.clone());
        // A cycle would never end.
        assert!(forwards.len() <= expected.len(), "{start}: {forwards:?}");
        page = next;
    }
    let chunks: Vec<_> = expected.chunks(limit).map(<[i64]>::to_vec).collect();
    assert_eq!(forwards, chunks, "{start}");
    // The same pages, in reverse.
    let mut backwards = vec![page.ids.clone()];
    while let Some(previous) = page.follow(client, "prev").await {
        assert!(previous.links.contains_key("next"), "{start}");
        backwards.insert(0, previous.ids.clone());
        assert!(backwards.len() <= expected.len(), "{start}: {backwards:?}");
        page = previous;
    }
    assert_eq!(backwards, chunks, "{start} backwards");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_return_each_row_once_in_both_directions() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    for number in 3..=45 {
        test.with_user(&format!("user{number}")).await;
    }
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..45 {
        mine.push(ann.lists("Metroid").await);
        theirs.push(bob.lists("Zelda").await);
    }
    let mut offers = Vec::new();
    for (mine, theirs) in mine.iter().zip(&theirs) {
        offers.push(ann.offers(&[*mine], &[*theirs]).await.unwrap().id.0);
    }
    for offer in offers.iter().step_by(3) {
        let path = format!("/offers/{offer}/reject");
        bob.client().act(&path).await.expect(200);
    }
    let (rejected, pending): (Vec<i64>, Vec<i64>) =
        offers.iter().partition(|id| (*id - offers[0]) % 3 == 0);
    let mine: Vec<_> = mine.into_iter().map(|id| id.0).collect();
    let client = ann.client();
    let everybody: Vec<i64> = (1..=45).collect();
    for (path, expected) in [
        ("/users", &everybody),
        ("/users/1/games", &mine),
        ("/offers", &offers),
        ("/offers?offerer_id=1", &offers),
        ("/offers?user_id=2", &offers),
        ("/offers?receiver_id=2&offerer_id=1", &offers),
        ("/offers?status=pending", &pending),
        ("/offers?status=rejected&user_id=2", &rejected),
        ("/trade-offers", &offers),
        ("/trade-offers?status=rejected", &rejected),
        ("/trade-offers/user/1/sent", &offers),
        ("/trade-offers/user/2/received", &offers),
        ("/offers?game_id=1", &offers[..1].to_vec()),
    ] {
        for limit in [10, 44] {
            walk(&client, path, limit, expected).await;
        }
    }
    for path in [
        "/offers?user_id=1",
        "/offers?offerer_id=2",
        "/offers?status=accepted",
        "/offers?game_id=99",
        "/trade-offers/user/2/sent",
        "/trade-offers/user/1/received",
        "/users/3/games",
    ] {
        assert_eq!(Page::at(&client, path).await.ids, [0; 0], "{path}");
    }
    for path in [
        "/trade-offers/user/99/sent",
        "/trade-offers/user/0/received",
        "/users/99/games",
    ] {
        assert_eq!(
            client.get(path).await.problem(404),
            "user_not_found",
            "{path}"
        );
    }
}

/// Asserts that a cursor of one list is refused in all others. Each URL has parameters.
pub async fn cursors_keep_to_their_list(client: &Client, lists: &[String]) {
    for list in lists {
        let page = Page::at(client, list).await;
        let (_, cursor) = page.links["next"].split_once("after=").unwrap();
        for other in lists {
            for relation in ["after", "before"] {
                let path = format!("{other}&{relation}={cursor}");
                let answer = client.get(&path).await;
                if list == other {
                    answer.expect(200);
                } else {
                    assert_eq!(answer.problem(400), "malformed", "{list}, {path}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_link_escapes_its_text() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for _ in 0..3 {
        ann.lists("Pokémon & Co: 100% \"Ü\" +1").await;
    }
    let client = test.anonymous();
    let query = "/games?q=Pok%C3%A9mon+%26+Co%3A+100%25+%22%C3%9C%22+%2B1&sort=id";
    walk(&client, query, 2, &[1, 2, 3]).await;
    let body = json!({"query": "{ games(first: 2) { pageInfo { endCursor } } }"});
    let graphql = client.post("/graphql", body).await.expect(200);
    let cursor = graphql["data"]["games"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap();
    assert_eq!(
        Page::at(&client, &format!("/games?after={cursor}"))
            .await
            .ids,
        [3],
        "one cursor for both surfaces"
    );
}
