// Shows how far the sending of a file has come. Without it the form works as it
// stands; nothing else on the page needs a script.
(function () {
  "use strict";
  var form = document.querySelector("form[data-progress]");
  if (!form || !window.FormData) return;
  var bar = form.querySelector("progress"), said = form.querySelector("[data-progress-text]");
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var request = new XMLHttpRequest();
    form.querySelector("[data-progress-box]").hidden = false;
    form.querySelector("button[type=submit]").disabled = true;
    request.upload.onprogress = function (e) {
      if (!e.lengthComputable) return;
      bar.max = e.total;
      bar.value = e.loaded;
      said.textContent = Math.round(100 * e.loaded / e.total) + "\u00a0%";
    };
    request.onload = function () {
      if (request.status < 400 && request.responseURL && request.responseURL !== form.action) {
        window.location.assign(request.responseURL);
        return;
      }
      var page = new DOMParser().parseFromString(request.responseText, "text/html");
      document.replaceChild(document.adoptNode(page.documentElement), document.documentElement);
    };
    request.onerror = function () {
      // The network failed: let the browser send it the plain way and say so itself.
      form.removeAttribute("data-progress");
      form.submit();
    };
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
})();

// The keyboard: j and k go along the rows, Enter opens, x picks, g gives what is
// picked, / searches, u goes back to the list, c logs a call, a takes the case,
// ? shows the keys. Each is a link, a button or a box that is on the page anyway.
// Where one was in which list is kept for the tab: an address of the worklist
// names no person.
(function () {
  "use strict";
  var rows = Array.prototype.slice.call(document.querySelectorAll("[data-row]")), at = -1, place = "amiable.row", list = "amiable.list";
  function keep(name, value) { try { window.sessionStorage.setItem(name, value); } catch (e) { /* private windows keep nothing */ } }
  function kept(name) { try { return window.sessionStorage.getItem(name) || ""; } catch (e) { return ""; } }
  function here() { // without the word that something was done
    var query = window.location.search.slice(1).split("&").filter(function (p) { return p && p.indexOf("done=") !== 0; }).join("&");
    return window.location.pathname + (query && "?" + query);
  }
  function on(i) {
    if (at >= 0) rows[at].classList.remove("at");
    at = i;
    rows[at].classList.add("at");
    if (rows[at].id) keep(place, [at, rows[at].id, here()].join(" "));
  }
  function go(to) {
    if (!rows.length) return;
    on(Math.max(0, Math.min(rows.length - 1, to)));
    rows[at].querySelector("a").focus();
    rows[at].scrollIntoView({ block: "nearest" });
  }
  function press(selector) {
    var found = document.querySelector(selector);
    if (found) found.click();
    return !!found;
  }
  function enter(id) {
    var field = document.getElementById(id);
    if (!field) return false;
    field.focus();
    if (field.select) field.select();
    return true;
  }
  if (window.location.pathname === "/agent") keep(list, here());
  rows.forEach(function (row, i) { row.addEventListener("focusin", function () { on(i); }); });
  document.addEventListener("keydown", function (event) {
    var from = event.target, kind = from.tagName;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && from.id === "find") { from.blur(); return; }
    if (kind === "TEXTAREA" || kind === "SELECT" || (kind === "INPUT" && from.type !== "checkbox" && from.type !== "radio")) return;
    var did = true;
    switch (event.key) {
    case "j":
      var was = kept(place).split(" ");
      if (at < 0 && was[2] === here()) { // back from a row: go on behind it, or where it stood
        var same = rows.findIndex(function (r) { return r.id === was[1]; });
        go(same >= 0 ? same + 1 : Number(was[0]));
      } else if (at < rows.length - 1 || !press("#next")) go(at + 1);
      break;
    case "k": go(at < 0 ? 0 : at - 1); break;
    case "x":
      var box = at >= 0 && rows[at].querySelector("input[type=checkbox]");
      did = !!box;
      if (did) box.click();
      break;
    case "g": did = enter("to"); break;
    case "/": did = enter("find"); break;
    case "u":
      did = !!document.querySelector(".nav .brand") && window.location.pathname.indexOf("/agent") === 0;
      if (did) window.location.assign(kept(list) || "/agent");
      break;
    case "c": did = press("#log-call"); break;
    case "a": did = press("#take"); break;
    case "?":
      var keys = document.getElementById("keys");
      did = !!keys;
      if (did) { keys.open = !keys.open; keys.querySelector("summary").focus(); }
      break;
    default: did = false;
    }
    if (did) event.preventDefault();
  });
})();
