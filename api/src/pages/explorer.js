// Explores HAL and HAL-FORMS (https://rwcbook.github.io/hal-forms/): shows the links, forms, embedded resources and body of a
// response. The path is in the fragment of the address, so that Back and bookmarks work. Only `/` is hard-coded.
const asking = document.querySelector("#asking");
const request = document.querySelector("#request");
const answer = document.querySelector("#answer");
const { method, path, body } = request.elements;
const ACCEPT = "application/prs.hal-forms+json, application/hal+json;q=0.9, application/json;q=0.8";

/** Makes an element. Strings become text nodes, so nothing in a response becomes markup. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const list = (value) => (value === undefined ? [] : [value].flat());
const pretty = (value) => JSON.stringify(value, null, 2);

async function call(verb, target, content, type = "application/json") {
  const headers = { Accept: ACCEPT };
  const { user, token } = asking.elements;
  if (user.value) headers["X-User-ID"] = user.value;
  if (token.value) headers.Authorization = `Bearer ${token.value}`;
  if (content) headers["Content-Type"] = type;
  const response = await fetch(target, { method: verb, headers, body: content || undefined });
  const text = await response.text();
  let resource;
  try {
    resource = JSON.parse(text);
  } catch {
    resource = undefined; // not JSON: shown as it is
  }
  return { response, text, resource };
}

async function send(verb, target, content, type) {
  ready(verb, target, content);
  try {
    show(verb, target, await call(verb, target, content, type));
  } catch (failure) {
    answer.replaceChildren(make("p", {}, `No response: ${failure.message}`));
  }
}

/** Follows a link by changing the address. */
function open(target) {
  if (location.hash === `#${target}`) send("GET", target);
  else location.hash = target;
}

/** Fills in the form at the top, where the request can be changed before it is sent. */
function ready(verb, target, content = "") {
  method.value = verb;
  path.value = target;
  body.value = content;
  body.parentElement.hidden = verb === "GET" || verb === "DELETE";
}

function show(verb, target, { response, text, resource }) {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const hal = resource !== null && typeof resource === "object" ? resource : {};
  const created = response.headers.get("Location");
  answer.replaceChildren(
    make("h2", {}, `${response.status} ${response.statusText} · ${verb} ${target}`),
    ...(hal.detail ? [make("p", {}, hal.detail)] : []),
    ...(created ? [make("p", {}, "Location: ", follow({ href: created }), ".")] : []),
    ...links(hal),
    ...forms(hal, target),
    ...embedded(hal),
    make("h3", {}, "Body"),
    make("pre", {}, resource === undefined ? text : pretty(resource)),
    make("details", {}, make("summary", {}, "Headers"), make("pre", {}, headers)),
  );
}

/** A link to follow. An action, or a templated path, goes to the form at the top first. */
function follow({ href, method: verb = "GET", templated }) {
  if (verb === "GET" && !templated) {
    return make("a", { href: `#${href}`, onclick: (event) => (event.preventDefault(), open(href)) }, href);
  }
  const take = () => {
    ready(verb, href);
    request.scrollIntoView();
    (body.parentElement.hidden ? path : body).focus();
  };
  return make("button", { type: "button", onclick: take }, `${verb} ${href}`);
}

function links({ _links = {} }) {
  const rows = Object.entries(_links).flatMap(([relation, targets]) =>
    list(targets).map((link) => make("tr", {}, make("th", {}, relation), make("td", {}, follow(link), ` ${link.title ?? ""}`))),
  );
  return rows.length ? [make("h3", {}, "Links"), make("table", { id: "links" }, ...rows)] : [];
}

function embedded({ _embedded = {} }) {
  return Object.entries(_embedded).flatMap(([relation, resources]) => [
    make("h3", {}, relation),
    ...list(resources).map((resource) => {
      const { _links, _embedded: inner, _templates, ...fields } = resource;
      const own = list(_links?.self)[0]?.href;
      return make("section", {}, make("pre", {}, pretty(fields)), ...links({ _links }).slice(1), ...forms({ _templates, _links }, own));
    }),
  ]);
}

function forms({ _templates = {}, _links = {} }, here) {
  return Object.entries(_templates).flatMap(([name, template]) => {
    const { method: verb = "GET", target = list(_links.self)[0]?.href ?? here, contentType, properties = [] } = template;
    const fields = properties.map(field);
    const form = make("form", {}, ...fields.map(({ label }) => label), make("button", {}, `${verb} ${target}`));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = fields.map(({ name, read }) => [name, read()]).filter(([, value]) => value !== undefined);
      if (verb !== "GET") return send(verb, target, values.length ? pretty(Object.fromEntries(values)) : "", contentType);
      open(values.length ? `${target}?${new URLSearchParams(values)}` : target);
    });
    return [make("h3", {}, template.title ?? name), form];
  });
}

/** Returns the error of a text. HTML has no pattern for several lines, and counts UTF-16 units where the exchange counts characters. */
function textError(text, { minLength = 0, maxLength = Infinity, regex }) {
  const { length } = [...text];
  if (text === "") return "";
  if (length < minLength || length > maxLength) return `This has ${length} characters. Send ${minLength} to ${maxLength}.`;
  return regex && !new RegExp(`^(?:${regex})$`, "u").test(text) ? "This text is blank, or has characters that are not allowed." : "";
}

/** Makes an input for a property, and a function that reads it: undefined if it is empty. */
function field(property) {
  const { name, prompt = name, type = "text", options, required, readOnly } = property;
  const label = make("label", {}, required ? `${prompt} *` : prompt);
  const empty = (text) => (text === "" ? undefined : text);
  if (options) {
    const values = [undefined];
    const multiple = options.maxItems === undefined ? Array.isArray(property.value) : options.maxItems > 1;
    const select = make("select", { multiple, required });
    const chosen = [property.value ?? options.selectedValues].flat();
    const add = (item) => {
      const value = item?.[options.valueField ?? "value"] ?? item;
      const text = item?.[options.promptField ?? "prompt"] ?? value;
      select.append(new Option(text, values.push(value) - 1, false, chosen.includes(value)));
    };
    if (!multiple) select.append(new Option("", ""));
    list(options.inline).forEach(add);
    if (options.link) {
      call("GET", options.link.href)
        .then(({ resource }) => list(resource._embedded ? Object.values(resource._embedded)[0] : resource).forEach(add))
        .catch(() => label.append(" (its options could not be loaded)"));
    }
    label.append(select);
    const picked = () => [...select.selectedOptions].map((option) => values[Number(option.value)]);
    const those = (chosen) => (chosen.length || required ? chosen : undefined);
    return { name, label, read: () => (multiple ? those(picked()) : picked()[0]) };
  }
  const several = type === "textarea"; // lines
  const input = make(several ? "textarea" : "input", several ? { rows: 4 } : { type });
  Object.assign(input, { required: !!required, readOnly: !!readOnly, value: property.value ?? "" });
  for (const attribute of ["min", "max", "step", "placeholder"]) {
    if (property[attribute] !== undefined) input.setAttribute(attribute, property[attribute]);
  }
  const check = () => input.setCustomValidity(textError(input.value, property));
  input.addEventListener("input", check);
  check();
  label.append(input);
  const isNumber = type === "number" || type === "range";
  return { name, label, read: () => (isNumber && input.value !== "" ? Number(input.value) : empty(input.value)) };
}

method.addEventListener("change", () => ready(method.value, path.value, body.value));
request.addEventListener("submit", (event) => {
  event.preventDefault();
  if (method.value === "GET") open(path.value);
  else send(method.value, path.value, body.value);
});
asking.addEventListener("submit", (event) => event.preventDefault());
asking.addEventListener("change", () => send("GET", location.hash.slice(1) || "/"));
const start = () => send("GET", location.hash.slice(1) || "/");
addEventListener("hashchange", start);
start();
