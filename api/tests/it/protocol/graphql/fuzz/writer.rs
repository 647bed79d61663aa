//! Writes documents by the grammar of GraphQL, at random.

use std::iter;

use async_graphql::parser::types::{BaseType, Type};
use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::grammar::{Grammar, Shape};

/// Writes one document.
pub struct Writer<'g> {
    grammar: &'g Grammar,
    rng: &'g mut Rng,
    /// The wildness of the document: 0 is like a front end's.
    wild: u32,
    /// The number of selections that it may still have.
    budget: usize,
    /// Fragments that are spread somewhere, each with its type.
    fragments: Vec<String>,
    variables: Vec<(String, Type)>,
}

impl<'g> Writer<'g> {
    pub fn new(grammar: &'g Grammar, rng: &'g mut Rng) -> Self {
        Self {
            grammar,
            wild: [0, 0, 0, 0, 1, 1, 2, 5][rng.usize(..8)],
            budget: [10, 20, 30, 60, 150, 700][rng.usize(..6)],
            rng,
            fragments: Vec::new(),
            variables: Vec::new(),
        }
    }

    /// Draws with probability 1/`one_in`, higher in wilder documents.
    fn happens(&mut self, one_in: u32) -> bool {
        self.rng.u32(..one_in.max(1)) < self.wild.max(1)
    }

    /// Draws whether to write something invalid.
    fn wrong(&mut self, one_in: u32) -> bool {
        self.wild > 0 && self.happens(one_in)
    }

    pub fn document(&mut self) -> String {
        let operations = match self.rng.u8(..20) {
            0 => self.rng.usize(2..4),
            1 if self.wild > 2 => self.rng.usize(10..70),
            _ => 1,
        };
        let mut parts: Vec<_> = (0..operations)
            .map(|number| self.operation(number, operations > 1))
            .collect();
        let mut written = 0;
        // A fragment may spread others.
        while written < self.fragments.len() && written < 80 {
            let on = self.fragments[written].clone();
            let directives = self.directives();
            let set = self.set(&on, 1);
            parts.push(format!("fragment F{written} on {on}{directives} {set}"));
            written += 1;
        }
        self.rng.shuffle(&mut parts);
        parts.join(["\n", " ", ",", " # and\n"][self.rng.usize(..4)])
    }

    fn operation(&mut self, number: usize, named: bool) -> String {
        let (kind, root) = match self.rng.u8(..12) {
            0..4 => ("mutation", "Mutation"),
            4 if self.wild > 0 => ("subscription", "Query"),
            _ => ("query", "Query"),
        };
        let before = self.variables.len();
        let set = match kind {
            "mutation" if self.wild < 2 => {
                let field = self.field(root, 0);
                format!("{{ {field} }}")
            }
            _ => self.set(root, 0),
        };
        let mut definitions = String::new();
        for (name, of) in &self.variables[before..] {
            let default = [" = null", " = [1]", " = {a: 1}", ""]
                [self.rng.usize(..4).max(3 - self.wild.min(3) as usize)];
            definitions += &format!("${name}: {of}{default} ");
        }
        if self.wrong(10) {
            definitions += "$unused: [[Nothing!]!] = [[1]] ";
        }
        let definitions = match definitions.as_str() {
            "" => String::new(),
            _ => format!("({definitions})"),
        };
        let directives = self.directives();
        let name = match named || self.rng.bool() {
            true => format!(" A{number}"),
            false => String::new(),
        };
        format!("{kind}{name}{definitions}{directives} {set}")
    }

    fn set(&mut self, on: &str, depth: usize) -> String {
        let most = if self.happens(15) { 30 } else { 6 };
        let selections = self.rng.usize(1..=most);
        let parts: Vec<_> = (0..selections).map(|_| self.selection(on, depth)).collect();
        format!("{{ {} }}", parts.join(" "))
    }

    fn selection(&mut self, on: &str, depth: usize) -> String {
        if self.budget == 0 {
            return "__typename".to_owned();
        }
        self.budget -= 1;
        match self.rng.u8(..16) {
            0 => {
                let set = self.set(on, depth + 1);
                let directives = self.directives();
                let condition = if self.rng.bool() {
                    format!(" on {on}")
                } else {
                    String::new()
                };
                format!("...{condition}{directives} {set}")
            }
            1 => self.spread(on),
            _ => self.field(on, depth),
        }
    }

    fn spread(&mut self, on: &str) -> String {
        let on = if self.wrong(8) {
            self.rng.choice(&self.grammar.composites).unwrap().clone()
        } else {
            on.to_owned()
        };
        let known: Vec<_> = (0..self.fragments.len())
            .filter(|number| self.fragments[*number] == on)
            .collect();
        let number = match self.rng.choice(known) {
            Some(known) if self.rng.bool() => known,
            _ => {
                self.fragments.push(on);
                self.fragments.len() - 1
            }
        };
        let directives = self.directives();
        format!("...F{number}{directives}")
    }

    fn field(&mut self, on: &str, depth: usize) -> String {
        if self.wrong(20) {
            return format!(
                "{}{}",
                "noSuchField".repeat(self.rng.usize(1..5)),
                self.directives()
            );
        }
        if on == "Query" && self.rng.u8(..30) == 0 {
            return self.introspection();
        }
        let grammar = self.grammar;
        let Some(Shape::Fields(fields)) = grammar.types.get(on) else {
            return "__typename".to_owned();
        };
        // Prefers leaves further down.
        let leaf = |of: &str| !matches!(grammar.types.get(of), Some(Shape::Fields(_)));
        let deep = depth > 5 + self.wild as usize * 3;
        let candidates: Vec<_> = fields
            .iter()
            .filter(|(_, _, of)| !deep || leaf(of))
            .collect();
        let Some((name, arguments, of)) = self.rng.choice(candidates) else {
            return "__typename".to_owned();
        };
        let alias = if self.happens(8) {
            format!("a{}: ", self.rng.u8(..30))
        } else {
            String::new()
        };
        let mut given = String::new();
        for argument in arguments {
            let required = !argument.of.nullable;
            if (required || self.rng.u8(..4) == 0) && !self.wrong(15) {
                let value = self.value(&argument.of, 0);
                given += &format!("{}: {value}, ", argument.name);
            }
        }
        if self.wrong(30) {
            given += "noSuchArgument: [{a: $nothing}]";
        }
        let given = match given.as_str() {
            "" => String::new(),
            _ => format!("({given})"),
        };
        let directives = self.directives();
        let set = if leaf(of) || self.wrong(40) {
            String::new()
        } else {
            format!(" {}", self.set(of, depth + 1))
        };
        format!("{alias}{name}{given}{directives}{set}")
    }

    fn introspection(&mut self) -> String {
        let times = self.rng.usize(..3 + self.wild as usize);
        let inner = iter::repeat_n("fields { type { ofType { ", times).collect::<String>();
        let closing = " } } }".repeat(times);
        match self.rng.bool() {
            true => format!("__schema {{ types {{ {inner} name {closing} }} }}"),
            false => format!("__type(name: \"Game\") {{ {inner} name {closing} }}"),
        }
    }

    fn directives(&mut self) -> String {
        if !self.happens(12) {
            return String::new();
        }
        let times = if self.wrong(10) {
            self.rng.usize(1..80)
        } else {
            1
        };
        let one = |rng: &mut Rng, wild: u32| match rng.u32(..3 + wild) {
            0 => " @include(if: true)".to_owned(),
            1 => format!(" @skip(if: {})", rng.bool()),
            2 => " @include(if: false)".to_owned(),
            3 => " @skip(iff: 1)".to_owned(),
            _ => " @nothing".to_owned(),
        };
        let wild = self.wild;
        iter::repeat_with(|| one(self.rng, wild))
            .take(times)
            .collect()
    }

    fn value(&mut self, of: &Type, depth: usize) -> String {
        if self.rng.u8(..5) == 0 && self.variables.len() < 150 {
            let name = format!("v{}", self.variables.len());
            self.variables.push((name.clone(), of.clone()));
            return format!("${name}");
        }
        if self.wrong(12) {
            let nested = self.rng.usize(..20 * self.wild as usize);
            return [
                "null".to_owned(),
                "1e308".to_owned(),
                "-9223372036854775808".to_owned(),
                "\"\"\"\n  block \\\"\"\" \n\"\"\"".to_owned(),
                "\"\\u0000\\uFFFF\"".to_owned(),
                format!("{}1{}", "[".repeat(nested), "]".repeat(nested)),
                format!("{}1{}", "{a: ".repeat(nested), "}".repeat(nested)),
                format!("[{}]", "1 ".repeat(self.rng.usize(..1_500))),
                format!("\"{}\"", "x".repeat(self.rng.usize(..9_000))),
            ][self.rng.usize(..9)]
            .clone();
        }
        if of.nullable && self.rng.u8(..10) == 0 {
            return "null".to_owned();
        }
        match &of.base {
            BaseType::List(of) => {
                let length = self.rng.usize(..4);
                let items: Vec<_> = (0..length).map(|_| self.value(of, depth + 1)).collect();
                format!("[{}]", items.join(", "))
            }
            BaseType::Named(name) => self.named(name, depth),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> String {
        let grammar = self.grammar;
        match (name, grammar.types.get(name)) {
            (_, Some(Shape::Choices(choices))) => self.rng.choice(choices).unwrap().clone(),
            (_, Some(Shape::Inputs(fields))) if depth < 4 => {
                let mut members = Vec::new();
                for field in fields {
                    if !field.of.nullable || self.rng.bool() {
                        let value = self.value(&field.of, depth + 1);
                        members.push(format!("{}: {value}", field.name));
                    }
                }
                format!("{{{}}}", members.join(", "))
            }
            ("Int", _) => [-1, 0, 1, 2, 3, 100, 1986][self.rng.usize(..7)].to_string(),
            ("Float", _) => "1.5".to_owned(),
            ("Boolean", _) => self.rng.bool().to_string(),
            ("ID", _) => ["1", "2", "\"3\"", "\"R2FtZTox\"", "\"VXNlcjox\"", "\"?\""]
                [self.rng.usize(..6)]
            .to_owned(),
            _ => [
                "\"Metroid\"",
                "\"\"",
                "\"a@example.com\"",
                "\"a long one\"",
                "\"ß…\"",
            ][self.rng.usize(..5)]
            .to_owned(),
        }
    }

    /// Values for the variables, mostly of their types.
    pub fn sent(&mut self) -> Value {
        let mut sent = Map::new();
        for (name, of) in self.variables.clone() {
            if self.wrong(10) {
                let nested = self.rng.usize(..30);
                let value = (0..nested).fold(json!(1), |inner, _| json!([inner]));
                sent.insert(name, value);
            } else if !self.wrong(20) {
                let value = self.json(&of, 0);
                sent.insert(name, value);
            }
        }
        sent.into()
    }

    fn json(&mut self, of: &Type, depth: usize) -> Value {
        let grammar = self.grammar;
        let name = match &of.base {
            BaseType::List(of) => {
                let length = self.rng.usize(..4);
                return (0..length).map(|_| self.json(of, depth + 1)).collect();
            }
            BaseType::Named(name) => name.as_str(),
        };
        match (name, grammar.types.get(name)) {
            (_, Some(Shape::Choices(choices))) => json!(self.rng.choice(choices)),
            (_, Some(Shape::Inputs(fields))) if depth < 4 => {
                let mut members = Map::new();
                for field in fields {
                    members.insert(field.name.clone(), self.json(&field.of, depth + 1));
                }
                members.into()
            }
            ("Int", _) => json!(self.rng.i64(-1..2_000)),
            ("Boolean", _) => json!(self.rng.bool()),
            ("ID", _) => json!(self.rng.u8(1..4)),
            _ => json!("Metroid"),
        }
    }
}
