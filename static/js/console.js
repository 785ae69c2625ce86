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

