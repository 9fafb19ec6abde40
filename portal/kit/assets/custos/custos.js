/* Behaviour of the frame. Every page works without it; nothing here decides anything. */
(() => {
  "use strict";

  const body = document.body;
  const seconds = (value) => Number.parseInt(value || "0", 10);

  // --- Requests that a page sends on its own are no sign that a person is there.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent) event.detail.headers["X-Custos-Background"] = "1";
  });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 401) session.end();
  });
  document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.target));

  // --- After a refused form the focus goes to the list of errors.
  function focusErrors(root) {
    const summary = root && root.querySelector("[data-error-summary]");
    if (summary) summary.focus();
  }
  focusErrors(document);

  // --- A form is sent once, however often the button is pressed. The server makes sure of it too.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.querySelectorAll("button[type=submit]").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  });

  // --- Dialogs, menus, printing, copying.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    if (event.target.closest("[data-print]")) window.print();
    const copier = event.target.closest("[data-copies]");
    if (copier) copy(copier);
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });
  async function copy(button) {
    const source = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(source.value || source.textContent.trim());
    const words = button.textContent;
    button.textContent = "Copied";
    window.setTimeout(() => { button.textContent = words; }, 2000);
  }

  // --- Large files: the same form, with the bytes counted while they go. form[data-upload] holds a
  //     [data-upload-progress] element with a <progress> and a [data-upload-words] line, both hidden at first.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-upload]") || !form.querySelector("[data-upload-progress]")) return;
    event.preventDefault();
    upload(form);
  });
  function upload(form) {
    const box = form.querySelector("[data-upload-progress]");
    const bar = box.querySelector("progress");
    const words = box.querySelector("[data-upload-words]");
    const request = new XMLHttpRequest();
    const leave = (event) => event.preventDefault();
    const began = performance.now();
    const again = (message) => {
      window.removeEventListener("beforeunload", leave);
      words.textContent = message;
      delete form.dataset.sent;
      form.querySelectorAll("button[type=submit]").forEach((button) => button.removeAttribute("aria-disabled"));
    };
    box.hidden = false;
    window.addEventListener("beforeunload", leave);
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      const megabytes = (bytes) => (bytes / 1048576).toFixed(1);
      const rate = step.loaded / 1048576 / Math.max(0.001, (performance.now() - began) / 1000);
      bar.max = step.total;
      bar.value = step.loaded;
      words.textContent = step.loaded < step.total
        ? `${megabytes(step.loaded)} of ${megabytes(step.total)} MB sent, ${rate.toFixed(1)} MB/s. Keep this page open until the last byte is sent.`
        : "All bytes sent. The portal is sealing the file.";
    });
    request.addEventListener("load", () => {
      window.removeEventListener("beforeunload", leave);
      if (request.status === 401) {
        again("You were signed out. Sign in again and send the form once more.");
        session.end();
      } else if (request.status < 400) {
        window.location.assign(request.responseURL);
      } else {
        show(request.responseText) || again("The file was not taken. Send the form again.");
      }
    });
    request.addEventListener("error", () => again("The connection broke. Nothing was kept; send the form again."));
    request.open("POST", form.action);
    request.send(new FormData(form));

    function show(html) {
      const answer = new DOMParser().parseFromString(html, "text/html");
      const main = answer.getElementById("main-content");
      if (!main) return false;
      const refused = main.querySelector("form[data-upload]");
      if (refused) {
        tell(form, refused);
        again("");
        box.hidden = true;
      } else {
        document.getElementById("main-content").replaceWith(main);
        main.focus();
      }
      document.title = answer.title;
      return true;
    }
  }
  // A refused form stays as the person filled it, with the files that were chosen: only its errors are taken over.
  function tell(form, refused) {
    const groups = [...form.querySelectorAll(".usa-form-group")];
    form.querySelectorAll("[data-error-summary], .usa-error-message").forEach((old) => old.remove());
    form.prepend(...refused.querySelectorAll("[data-error-summary]"));
    refused.querySelectorAll(".usa-form-group").forEach((group, place) => {
      const here = groups[place];
      const error = group.querySelector(".usa-error-message");
      const words = here.querySelector("div.usa-hint") || here.querySelector(".usa-label, .usa-legend");
      here.classList.toggle("usa-form-group--error", Boolean(error));
      if (error && words) words.after(error);
      else if (error) here.prepend(error);
      group.querySelectorAll("[name][id]").forEach((field) => {
        const control = document.getElementById(field.id); // in a combo box the id is at the box one types in
        for (const name of ["aria-invalid", "aria-describedby"]) {
          if (field.hasAttribute(name)) control.setAttribute(name, field.getAttribute(name));
          else control.removeAttribute(name);
        }
      });
    });
    focusErrors(form);
  }

  // --- The session: warn two minutes ahead, extend on request, hide the page when it has ended (WCAG 2.2.1, AC-11).
  const session = {
    person: body.dataset.person,
    warn: seconds(body.dataset.sessionWarn),
    deadline: Date.now() + seconds(body.dataset.sessionSeconds) * 1000,
    warning: document.getElementById("session-warning"),
    ended: document.getElementById("session-ended"),
    over: false,

    left() { return Math.round((this.deadline - Date.now()) / 1000); },

    async ask(method) {
      const headers = method === "GET" ? { "X-Custos-Background": "1" } : { "X-CSRFToken": this.token() };
      const answer = await fetch(body.dataset.sessionUrl, { method, headers, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const state = await answer.json();
      this.deadline = Date.now() + state.seconds * 1000;
      return state;
    },

    token() { return JSON.parse(body.getAttribute("hx-headers"))["X-CSRFToken"]; },

    async tick() {
      if (this.over || this.left() > this.warn) return;
      if (!this.warning.open) {
        // Another tab may have been used meanwhile: ask before interrupting.
        try {
          const state = await this.ask("GET");
          if (!state.signed_in) return this.end();
          if (this.left() > this.warn) return;
        } catch { /* No connection: go by our own clock. */ }
        this.warning.showModal();
      }
      const left = this.left();
      if (left <= 0) return this.end();
      this.warning.querySelector("[data-session-clock]").textContent = spoken(left);
      if (left === 60 || left === 30) this.warning.querySelector("[data-session-spoken]").textContent = `${spoken(left)} left`;
    },

    async extend() {
      try {
        const state = await this.ask("POST");
        if (!state.signed_in) return this.end();
        this.warning.close();
      } catch { this.end(); }
    },

    end() {
      if (!this.ended || this.over) return;
      this.over = true;
      if (this.warning.open) this.warning.close();
      document.getElementById("main-content").style.visibility = "hidden";
      this.ended.showModal();
    },

    async back() {
      const problem = this.ended.querySelector("[data-session-problem]");
      let words = "The portal cannot be reached. Try again in a moment.";
      try {
        const state = await this.ask("GET");
        if (state.signed_in && String(state.person) === this.person) return this.resume(state.token);
        words = state.signed_in
          ? "Somebody else signed in. Open the home page in a new tab instead."
          : "You are not signed in yet.";
      } catch { /* The words above say it. */ }
      problem.textContent = words;
      problem.hidden = false;
    },

    resume(token) {
      body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
      document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
      document.getElementById("main-content").style.visibility = "";
      this.ended.close();
      this.over = false;
    },
  };
  function spoken(left) {
    const minutes = Math.floor(left / 60);
    const rest = left % 60;
    const words = [];
    if (minutes) words.push(`${minutes} minute${minutes === 1 ? "" : "s"}`);
    if (rest || !minutes) words.push(`${rest} second${rest === 1 ? "" : "s"}`);
    return words.join(" ");
  }
  if (session.person && session.warning) {
    session.ended.addEventListener("cancel", (event) => event.preventDefault());
    session.warning.addEventListener("cancel", () => session.extend());
    session.warning.querySelector("[data-session-extend]").addEventListener("click", () => session.extend());
    session.ended.querySelector("[data-session-return]").addEventListener("click", () => session.back());
    window.setInterval(() => session.tick(), 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) session.tick(); });
    document.addEventListener("htmx:afterRequest", (event) => {
      if (event.detail.requestConfig.triggeringEvent && event.detail.successful) {
        session.deadline = Math.max(session.deadline, Date.now() + seconds(body.dataset.sessionSeconds) * 1000);
      }
    });
  }
})();
