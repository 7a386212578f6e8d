// The page's own script: language, links that restore a demo, Ctrl+Enter. No dependency, no outside address.
const hub = {
  tabs: KNOWN_TABS, // id -> its group (null for a group or a page) and its title in both languages
  query: new URLSearchParams(`${location.search}&${location.hash.slice(1)}`),

  // Language: what the reader chose here, else the browser's; Chinese of any region, else English.
  language() {
    const chosen = localStorage.getItem("hub-language") || navigator.language || "en";
    return chosen.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  },
  setLanguage(language) {
    document.documentElement.lang = language;
    document.documentElement.dataset.lang = language.slice(0, 2);
  },
  switchLanguage() {
    localStorage.setItem("hub-language", hub.language() === "en" ? "zh-CN" : "en");
    return hub.applyLanguage();
  },
  // Gradio starts in the browser's own language, before this script is there; it is told ours once the page stands.
  async applyLanguage() {
    const language = hub.language();
    hub.setLanguage(language);
    const core = performance.getEntriesByType("resource").find((entry) => /\/core-[^/]+\.js$/.test(entry.name));
    (await import(core.name)).changeLocale(language);
    for (const [id, tab] of Object.entries(hub.tabs)) {
      const button = document.getElementById(`tab-${id}-button`); // Gradio leaves titles of unopened tabs
      if (button) button.textContent = tab[language];
    }
  },

  // Tabs: ?demo=<id> opens one; the address follows what is open.
  openDemo(id) {
    if (hub.tabs[id].group) hub.click(`tab-${hub.tabs[id].group}-button`);
    return hub.whenThere(`tab-${id}-button`).then((button) => button.click());
  },
  async open() {
    await hub.applyLanguage();
    const id = hub.query.get("demo");
    if (!(id in hub.tabs)) return;
    await hub.openDemo(id);
    if (hub.query.get("with")) (await hub.whenThere(`${hub.query.get("run") || id}-restore`)).click();
  },

  // Links: the inputs (no files) in the address; opening it fills them in and runs.
  async copyLink(demo, run, values) {
    const address = new URL(location.pathname, location.origin);
    address.search = new URLSearchParams({ demo, run });
    address.hash = new URLSearchParams({ with: JSON.stringify(values) }); // stays in the browser, so a drawing fits
    if (address.href.length > 60000) return hub.say("内容太长，放不进链接", "Too long for a link");
    history.replaceState(null, "", address);
    try {
      await navigator.clipboard.writeText(address.href);
      hub.say("链接已复制", "Link copied");
    } catch {
      hub.say("链接已写入地址栏，请从那里复制", "The link is in the address bar; copy it from there");
    }
  },
  restore(run, values) {
    try {
      const stored = JSON.parse(hub.query.get("with"));
      if (hub.query.get("run") === run && stored.length === values.length) values = stored;
    } catch {
      hub.say("链接不完整，已用默认值", "The link is damaged; the defaults are used");
    }
    return values.length === 1 ? values[0] : values;
  },
  download(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  },
  run(name) {
    hub.click(`${name}-run`);
  },

  click(id) {
    const element = document.getElementById(id);
    if (element) element.click();
  },
  async whenThere(id) {
    for (let tries = 0; tries < 200; tries++) {
      const element = document.getElementById(id);
      if (element) return element;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`no element ${id}`);
  },
  say(zh, en) {
    const note = document.createElement("div");
    note.className = "hub-note";
    note.setAttribute("role", "status");
    note.textContent = hub.language() === "en" ? en : zh;
    document.body.append(note);
    setTimeout(() => note.remove(), 3000);
  },
};

hub.setLanguage(hub.language());

// A full queue is said in the reader's language.
const plainFetch = window.fetch;
window.fetch = async (...request) => {
  const response = await plainFetch(...request);
  if (response.status === 503 && String(request[0]?.url ?? request[0]).includes("/queue/join")) {
    hub.say("现在排队的人太多，请稍后再点", "Too many visitors are waiting; please click again in a moment");
  }
  return response;
};

document.addEventListener("click", (event) => {
  if (event.target.closest(".switch-language")) hub.switchLanguage();
  const tab = event.target.closest('[role="tab"]');
  const id = tab && tab.id.replace(/^tab-(.*)-button$/, "$1");
  if (event.isTrusted && id in hub.tabs) {
    history.replaceState(null, "", `?demo=${id}`);
  }
  const link = event.target.closest("a.open-demo");
  if (link && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    history.replaceState(null, "", link.href);
    hub.openDemo(link.dataset.demo);
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const button = [...document.querySelectorAll("button.hub-run")].find((one) => one.offsetParent);
  if (button) {
    event.preventDefault();
    button.click();
  }
});
