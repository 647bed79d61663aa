// Shows the description of the REST API.
if (window.Redoc) {
  Redoc.init("/openapi.json", { hideLoading: true }, document.querySelector("#page"));
} else {
  document.querySelector("#missing").hidden = false;
}
