// Makes a trade with Ketting, a client for HAL and HAL-FORMS. It knows relations, forms and field names, and one URL: its
// argument, the exchange's home. Prints the final state as JSON.
//
//   node trade.js http://127.0.0.1:8000/

import { Client, bearerAuth } from "ketting";

const home = process.argv[2];

class Person {
  constructor(token) {
    this.client = new Client(home);
    if (token) this.client.use(bearerAuth(token));
  }

  // Always reloads: the possible actions change with every step.
  async read(resource) {
    return resource.refresh();
  }

  async home() {
    return this.read(this.client.go());
  }

  // Submits the form with the known values, and otherwise with those that the form suggests.
  async submit(state, relation, known = {}) {
    const action = state.action(relation);
    const filled = { ...known };
    for (const field of action.fields) {
      if (field.required && !(field.name in filled)) filled[field.name] = await this.suggested(field);
    }
    return action.submit(filled);
  }

  async suggested(field) {
    if (field.dataSource) {
      const list = await this.read(this.client.go(field.dataSource.href));
      return [list.getEmbedded()[0].data[field.dataSource.valueField]];
    }
    if (field.options) return Object.keys(field.options)[0];
    return field.type === "number" ? field.min : field.placeholder;
  }
}

const stranger = new Person();

async function registered(name) {
  const known = { name, email: `${name}-${process.pid}@mailbox.example`, password: "a passphrase" };
  const welcome = await stranger.home();
  await stranger.submit(welcome, "register", known);
  const session = await stranger.submit(welcome, "login", { email: known.email, password: known.password });
  return new Person(session.data.access_token);
}

const [offerer, receiver] = [await registered("offerer"), await registered("receiver")];
for (const person of [offerer, receiver]) await person.submit(await person.home(), "create_game");

// The offerer looks for the newest game of another person.
const begin = await offerer.home();
let board = await offerer.read(begin.follow("games"));
while (board.links.has("next")) board = await offerer.read(board.follow("next"));
const others = board.getEmbedded().filter((game) => game.data.owner_id !== begin.data.viewer_id);
const wanted = others.at(-1).data.id;
await offerer.submit(begin, "create_offer", { requested_game_ids: [wanted] });

const waiting = await receiver.read((await receiver.home()).follow("offers_waiting"));
const offer = await receiver.read(receiver.client.go(waiting.getEmbedded()[0].uri));
await receiver.submit(offer, "accept");

const seen = await offerer.read(offerer.client.go(offer.uri));
const mine = await offerer.read((await offerer.home()).follow("my_games"));
const traded = mine.getEmbedded().some((game) => game.data.id === wanted);
console.log(JSON.stringify({ status: seen.data.status, traded }));
