//! HAL-FORMS: forms exist for the permitted actions, list the accepted fields, and suffice for a whole trade.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Map, Value, json};

use crate::{
    protocol::rest::bodies::routes::{Line, Lines, MaybeLines, ROUTES, Range, Takes, populated},
    support::{TestApp, http::Client},
};

/// Returns relation, method and target of each form of a resource, or of each action link.
fn acts(resource: &Value, within: &str, address: &str) -> BTreeSet<[String; 3]> {
    let all = resource[within].as_object().unwrap().iter();
    let acting = all.filter(|(_, link)| link["method"].is_string());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    acting
        .map(|(relation, link)| {
            [
                relation.clone(),
                text(&link["method"]),
                text(&link[address]),
            ]
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn form_exists_for_each_action_link_of_every_viewer() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[metroid], &[zelda]).await.unwrap();
    let mut forms = 0;
    for client in [ann.client(), bob.client(), eve.client(), test.anonymous()] {
        for path in ["/", "/users/1", "/games/1", "/offers/1", "/trade-offers/1"] {
            let shown = client.get(path).await.expect(200);
            let links = acts(&shown, "_links", "href");
            assert_eq!(acts(&shown, "_templates", "target"), links, "{path}");
            forms += links.len();
        }
    }
    assert!(forms > 20, "{forms}");
    let user = json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123"});
    test.anonymous().post("/users", user).await.expect(201);
    let log_in = json!({"email": "cleo@example.com", "password": "pass123"});
    let session = test.anonymous().post("/auth/login", log_in).await;
    let session = session.expect(200);
    let links = acts(&session, "_links", "href");
    assert_eq!(links.len(), 2, "{session}");
    assert_eq!(acts(&session, "_templates", "target"), links);
    let field = &session["_templates"]["refresh"]["properties"][0];
    assert_eq!(field["value"], session["refresh_token"]);
    let list = ann.client().get("/offers").await.expect(200);
    let row = &list["_embedded"]["offers"][0];
    assert_eq!(row.get("_templates"), None, "only what is shown on its own");
}

/// The routes that have a form, each with a page that shows it to user 1 or to everybody.
const SHOWN: [(Method, &str, &str, &str); 7] = [
    (Method::POST, "/users", "", "register"),
    (Method::POST, "/auth/login", "", "login"),
    (Method::POST, "/games", "/", "create_game"),
    (Method::POST, "/offers", "/", "create_offer"),
    (Method::PUT, "/users/1", "/users/1", "update"),
    (Method::PUT, "/games/1", "/games/1", "update"),
    (Method::PUT, "/offers/1", "/offers/1", "update"),
];

#[tokio::test(flavor = "multi_thread")]
async fn form_fields_match_the_table() {
    let test = populated().await;
    for (method, path, page, relation) in SHOWN {
        let route = ROUTES
            .iter()
            .find(|route| (&route.method, route.path) == (&method, path));
        let page = match page {
            "" => test.anonymous().get("/").await,
            page => test.anonymous().with("x-user-id", 1).get(page).await,
        };
        let form = &page.expect(200)["_templates"][relation];
        assert_eq!(form["contentType"], "application/json", "{method} {path}");
        for (name, takes, required, _) in route.unwrap().fields {
            // Fields that a form leaves out on purpose.
            let fixed = method == Method::PUT && ["email", "status"].contains(name);
            let alternative = fixed || matches!(takes, Takes::Game | Takes::Sender);
            let fields = form["properties"].as_array().unwrap().iter();
            let property = fields.into_iter().find(|field| field["name"] == **name);
            assert_eq!(property.is_none(), alternative, "{method} {path} {name}");
            let Some(property) = property else { continue };
            let side = matches!(takes, Takes::Games) && method == Method::POST;
            assert_eq!(property["required"], *required || side, "{path} {name}");
            let lines = matches!(takes, Lines(_) | MaybeLines(_));
            assert_eq!(property["type"] == "textarea", lines, "{path} {name}");
            let limits = ["min", "max", "maxLength"].map(|limit| property[limit].as_i64());
            let chars = |max: &usize| [None, None, i64::try_from(*max).ok()];
            let expected = match takes {
                Line(max) | Lines(max) | MaybeLines(max) => chars(max),
                Range(min, max) => [Some(*min), Some(*max), None],
                _ => continue,
            };
            assert_eq!(limits, expected, "{method} {path} {name}");
        }
    }
}

/// Returns the prefilled values and selected options of a form, as a client would send them.
fn filled_in(form: &Value) -> Map<String, Value> {
    let fields = form["properties"].as_array().unwrap().iter();
    let value = |field: &Value| -> Option<Value> {
        let chosen = &field["options"]["selectedValues"];
        let value = match (
            field["type"].as_str(),
            field["options"]["maxItems"].as_u64(),
        ) {
            (Some("number"), _) => json!(field["value"].as_str()?.parse::<i64>().unwrap()),
            (Some(_), _) => json!(field["value"].as_str()?),
            (None, Some(_)) => chosen.clone(),
            (None, None) => chosen[0].clone(),
        };
        (!value.is_null()).then_some(value)
    };
    fields
        .filter_map(|field| Some((field["name"].as_str()?.to_owned(), value(field)?)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn update_form_has_the_present_values() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let client = ann.client();
    let address = json!({"street_address": "3 Street\r\n1234 Town\rCountry"});
    client.put("/users/1", address).await.expect(200);
    let message = "Please\n\n\tdo\nAnn";
    let offer = json!({"offered_game_id": metroid, "requested_game_id": zelda, "message": message});
    client.post("/offers", offer).await.expect(201);
    let me = client.get("/users/1").await.expect(200);
    assert_eq!(me["street_address"], "3 Street\n1234 Town\nCountry");
    for (path, fields) in [
        ("/users/1", &["name", "street_address"][..]),
        (
            "/games/1",
            &[
                "condition",
                "gaming_system",
                "name",
                "publisher",
                "year_published",
            ],
        ),
        (
            "/offers/1",
            &["message", "offered_game_ids", "requested_game_ids"],
        ),
    ] {
        let shown = client.get(path).await;
        let change = filled_in(&shown.body["_templates"]["update"]);
        assert_eq!(change.keys().collect::<Vec<_>>(), fields, "{path}");
        for field in fields {
            assert_eq!(change[*field], shown.body[field], "{path} {field}");
        }
        let answer = client.put(path, change.into()).await;
        assert_eq!(answer.header("etag"), shown.header("etag"), "{path}");
    }
    let home = client.get("/").await.expect(200);
    let empty = filled_in(&home["_templates"]["create_game"]);
    assert_eq!(
        empty.get("name"),
        None,
        "the name of the exchange is none of a game"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn create_offer_form_lists_games_of_others() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let home = ann.client().get("/").await.expect(200);
    let form = &home["_templates"]["create_offer"];
    for (side, game) in [("offered_game_ids", mine), ("requested_game_ids", theirs)] {
        let fields = form["properties"].as_array().unwrap();
        let field = fields.iter().find(|field| field["name"] == side).unwrap();
        let list = field["options"]["link"]["href"].as_str().unwrap();
        let list = ann.client().get(list).await.expect(200);
        let games = list["_embedded"]["games"].as_array().unwrap();
        let ids: Vec<_> = games.iter().map(|game| &game["id"]).collect();
        assert_eq!(ids, [&json!(game)], "{side}");
    }
}

/// A client that knows relations, field names and one URL.
struct Follower(Client);

impl Follower {
    async fn home(&self) -> Value {
        self.0.get("/").await.expect(200)
    }

    async fn follow(&self, resource: &Value, relation: &str) -> Value {
        let href = resource["_links"][relation]["href"].as_str();
        let href = href.unwrap_or_else(|| panic!("no link {relation} in {resource}"));
        self.0.get(href).await.expect(200)
    }

    /// Fills in the form with `known`, else with the form's own suggestions, and sends it.
    async fn submit(&self, resource: &Value, relation: &str, known: Value) -> Value {
        let form = &resource["_templates"][relation];
        assert!(form.is_object(), "no form {relation} in {resource}");
        let mut body = Map::new();
        for property in form["properties"].as_array().unwrap() {
            let name = property["name"].as_str().unwrap();
            if let Some(value) = known.get(name) {
                body.insert(name.to_owned(), value.clone());
            } else if property["required"] == true {
                body.insert(name.to_owned(), self.suggested(property).await);
            }
        }
        let body = form["contentType"]
            .is_string()
            .then_some(Value::Object(body));
        let method = form["method"].as_str().unwrap().parse().unwrap();
        let target = form["target"].as_str().unwrap();
        let answer = self.0.call(method, target, body).await;
        assert!(answer.status.is_success(), "{relation}: {}", answer.text);
        answer.body
    }

    async fn suggested(&self, property: &Value) -> Value {
        let options = &property["options"];
        if let Some(list) = options["link"]["href"].as_str() {
            let list = self.0.get(list).await.expect(200);
            let rows = list["_embedded"]
                .as_object()
                .unwrap()
                .values()
                .next()
                .unwrap();
            let field = options["valueField"].as_str().unwrap();
            return json!([rows[0][field]]);
        }
        match options["inline"].as_array() {
            Some(words) => words[0].clone(),
            None if property["type"] == "number" => property["min"].clone(),
            None => property["placeholder"].clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trade_works_by_following_forms_and_links() {
    let test = TestApp::new().await;
    let stranger = Follower(test.anonymous());
    let mut people = Vec::new();
    for name in ["ann", "bob"] {
        let known = json!({"email": format!("{name}@example.com"), "password": "pass123"});
        stranger
            .submit(&stranger.home().await, "register", known.clone())
            .await;
        let session = stranger
            .submit(&stranger.home().await, "login", known)
            .await;
        let token = session["access_token"].as_str().unwrap();
        people.push(Follower(
            stranger.0.with("authorization", format!("Bearer {token}")),
        ));
    }
    let [ann, bob] = people.try_into().ok().unwrap();
    for one in [&ann, &bob] {
        one.submit(&one.home().await, "create_game", json!({}))
            .await;
    }
    let his = bob.follow(&bob.home().await, "my_games").await;
    let his = &his["_embedded"]["games"][0];
    let wish = json!({"requested_game_ids": [his["id"]]});
    ann.submit(&ann.home().await, "create_offer", wish).await;

    let waiting = bob.follow(&bob.home().await, "offers_waiting").await;
    let offer = bob.follow(&waiting["_embedded"]["offers"][0], "self").await;
    bob.submit(&offer, "accept", json!({})).await;
    let offer = ann.follow(&offer, "self").await;
    assert_eq!(offer["status"], "accepted");
    assert_eq!(offer["_templates"], json!({}), "nothing is left to do");
    let mine = ann.follow(&ann.home().await, "my_games").await;
    assert_eq!(mine["_embedded"]["games"][0]["id"], his["id"]);
}
