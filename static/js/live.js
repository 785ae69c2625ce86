// Follows a form while it is filled in. What the fields come to is asked of the
// server, which works everything out, and put into the places marked for it.
// Without this the form's button shows the same. Plain ES5, for old phones.
(function () {
  "use strict";
  var form = document.querySelector("form[data-live]");
  if (!form || !window.FormData || !window.URLSearchParams || !window.DOMParser) return;
  var places = document.querySelectorAll("[data-part]"), more = document.querySelectorAll("[data-when]");
  var first = [], waiting, request, last = "", i;
  for (i = 0; i < places.length; i++) first[i] = places[i].innerHTML;

  // The parts that came, or what stood there at first: never what is out of date.
  function put(page) {
    for (var i = 0; i < places.length; i++) {
      var part = page && page.getElementById(places[i].id), text = part ? part.innerHTML : first[i];
      places[i].removeAttribute("aria-busy");
      if (places[i].innerHTML !== text) places[i].innerHTML = text;
    }
    for (i = 0; i < more.length; i++) more[i].hidden = !document.getElementById(more[i].getAttribute("data-when")).firstElementChild;
  }

  function ask() {
    var sent = new URLSearchParams(new FormData(form)), name = form.getAttribute("data-live");
    if (name && !sent.get(name)) return;
    sent.set("step", "preview");
    sent = sent.toString();
    if (sent === last) return;
    last = sent;
    if (request) request.abort();
    for (var i = 0; i < places.length; i++) places[i].setAttribute("aria-busy", "true");
    var mine = request = new XMLHttpRequest();
    mine.onload = function () {
      if (mine !== request) return;
      var good = mine.status === 200;
      if (!good) last = "";
      put(good && new DOMParser().parseFromString(mine.responseText, "text/html"));
    };
    mine.onerror = function () {
      if (mine !== request) return;
      last = "";
      put();
    };
    mine.open("POST", form.action);
    mine.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    mine.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    mine.send(sent);
  }

  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 350);
  }
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  window.addEventListener("pageshow", function () { if (form.getAttribute("data-live")) soon(); }); // Back brings what was typed
})();

// Takes the private budget's sums from each other here, on the reader's device:
// none of them is sent before the button is pressed.
(function () {
  "use strict";
  var form = document.querySelector("form[data-sums]"), said = form && document.getElementById(form.getAttribute("data-sums"));
  if (!said || !window.Intl) return;
  function cents(name) {
    var text = form.elements[name].value.replace(/[\s\u00a0\u202f\u20ac]/g, "");
    if (!text) return name === "others" ? 0 : NaN; // what is not said yet is not nothing
    return /^\d{1,9}([.,]\d{1,2})?$/.test(text) ? Math.round(100 * text.replace(",", ".")) : NaN;
  }
  function work() {
    var left = Math.floor((cents("income") - cents("fixed") - cents("others") - cents("kept")) / 100);
    said.parentNode.hidden = !(left > 0);
    if (left > 0) said.textContent = left.toLocaleString(document.documentElement.lang, { style: "currency", currency: "EUR" });
  }
  form.addEventListener("input", work);
  window.addEventListener("pageshow", work);
})();
