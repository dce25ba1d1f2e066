// Keeps the videos of a page as they are: by Server-Sent Events, and if there are none by
// asking every few seconds. The server writes what is shown, here as on a reload.

const finals = ["completed", "failed", "cancelled"];
const every = 5000; // milliseconds, without events
const listed = document.querySelector("table.list") !== null;

const shown = (id) => document.querySelector(`[data-video="${CSS.escape(id)}"]`);
const alive = () => [...document.querySelectorAll("[data-state]")].some((e) => !finals.includes(e.dataset.state));

// seconds is a time to wait, in words.
function seconds(n) {
	if (n < 10) return "a few seconds";
	if (n < 60) return `about ${Math.round(n / 10) * 10} s`;
	if (n < 3600) return `about ${Math.round(n / 60)} min`;
	if (n < 172800) return `about ${Math.round(n / 3600)} h`;
	return `about ${Math.round(n / 86400)} days`;
}

// take shows what an event says of a video's progress. A change of its state is asked for.
function take(event) {
	let said;
	try {
		said = JSON.parse(event.data);
	} catch {
		return;
	}
	const row = said.video_id ? shown(said.video_id) : null;
	if (!row) {
		const fresh = document.querySelector("[data-fresh]");
		if (fresh && said.state === "queued") fresh.hidden = false;
		return;
	}
	if (said.state && said.state !== row.dataset.state) {
		renew();
		return;
	}
	const bar = row.querySelector("[data-progress] progress");
	if (bar && Number.isFinite(said.progress)) bar.value = said.progress;
	const eta = row.querySelector("[data-eta]");
	const left = (Date.parse(said.eta?.at) - Date.now()) / 1000;
	if (eta && Number.isFinite(left)) eta.textContent = seconds(left);
}

// renew has the server write the page again, and puts what has changed of it in its place.
let waiting = 0;
function renew() {
	if (waiting) return;
	waiting = setTimeout(async () => {
		try {
			const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
			if (!answer.ok || answer.redirected) return; // logged out, or gone: a reload will say so
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			for (const now of page.querySelectorAll("[data-video]")) {
				const was = shown(now.dataset.video);
				if (!was) continue;
				if (was.dataset.state === now.dataset.state) {
					const bar = was.querySelector("[data-progress] progress");
					const next = now.querySelector("[data-progress] progress");
					if (bar && next) bar.value = next.value;
					const eta = was.querySelector("[data-eta]");
					if (eta) eta.textContent = now.querySelector("[data-eta]")?.textContent ?? "";
					continue;
				}
				const focused = was.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
				was.replaceWith(document.adoptNode(now));
				if (focused) now.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
				say(now);
			}
			ages();
		} catch {
			// heyq is away; the next event, or the next round, tries again
		} finally {
			waiting = 0;
		}
	}, 250);
}

// say tells a screen reader of a video that has changed.
const voice = document.createElement("p");
voice.className = "unseen";
voice.setAttribute("role", "status");
document.body.append(voice);
function say(element) {
	const name = element.querySelector(listed ? ".name a" : "h1")?.textContent ?? "";
	voice.textContent = `${name}: ${element.querySelector(".pill")?.textContent ?? ""}`;
}

// ages writes how long ago things were, in the reader's own time.
function ages() {
	for (const time of document.querySelectorAll("time[data-ago]")) {
		const at = new Date(time.dateTime);
		const minutes = Math.floor((Date.now() - at) / 60000);
		time.title = at.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });
		if (minutes < 0 || minutes >= 1440) continue;
		time.textContent = minutes < 1 ? "just now" : minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
	}
}

let events = null;
function listen() {
	const one = listed ? "" : document.querySelector("[data-video]")?.dataset.video;
	events = new EventSource(one ? `/v1/videos/${one}/events` : "/v1/events");
	for (const sort of ["video", "progress"]) events.addEventListener(sort, take);
	events.addEventListener("missed", renew);
	events.onopen = () => {
		if (alive()) renew(); // what has happened since the page was written
	};
}
if (listed || alive()) listen();
setInterval(ages, 30000);
setInterval(() => {
	const deaf = events === null || events.readyState === EventSource.CLOSED;
	if (deaf && document.visibilityState === "visible" && alive()) renew();
}, every);
ages();
