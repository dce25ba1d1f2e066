package simulator

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// webhook is a registered endpoint. A stored one is never changed, only
// replaced. Its secret is shown on creation and rotation, never in a list.
type webhook struct {
	EndpointID string   `json:"endpoint_id"`
	URL        string   `json:"url"`
	Events     []string `json:"events"` // null: all
	EntityID   string   `json:"entity_id,omitempty"`
	Status     string   `json:"status"`
	CreatedAt  string   `json:"created_at"` // RFC 3339
	Secret     string   `json:"secret,omitempty"`
}

// public is the webhook as lists and updates show it.
func (w webhook) public() webhook {
	w.Secret = ""
	return w
}

var (
	eventList    = items(0, len(eventTypes), word(eventTypes...))
	webhookBody  = strict(fields{"url": required(reachable), "events": optional(eventList), "entity_id": optional(anyText)})
	webhookPatch = strict(fields{"url": optional(reachable), "events": optional(eventList)})
)

// reachable is an https URL, or an http one on this machine.
func reachable(path string, value any) *problem {
	if p := link(path, value); p != nil {
		return p
	}
	u, err := url.Parse(value.(string))
	if err == nil && (u.Scheme == "https" || u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()) {
		return nil
	}
	return invalid(path, "URL must be a publicly accessible HTTPS URL.")
}

func (s *Simulator) readWebhook(r *http.Request) (draft, *problem) {
	body, p := readBody(r, webhookBody)
	if p != nil {
		return nil, p
	}
	return func(_ *state, now time.Time) (*record, answer) {
		w := &webhook{
			EndpointID: newID(), URL: body.text("url"), Events: body.words("events"), EntityID: body.text("entity_id"),
			Status: "enabled", CreatedAt: now.UTC().Format(time.RFC3339), Secret: newID(),
		}
		return &record{Webhook: w}, success(w)
	}, nil
}

// readRotation gives an endpoint a new secret; the old one is void at once.
func (s *Simulator) readRotation(r *http.Request) (draft, *problem) {
	id := r.PathValue("endpoint_id")
	return func(st *state, _ time.Time) (*record, answer) {
		i := st.webhookAt(id)
		if i < 0 {
			return nil, noWebhook(id).answer()
		}
		w := *st.webhooks[i]
		w.Secret = newID()
		return &record{Webhook: &w}, success(struct {
			EndpointID string `json:"endpoint_id"`
			Secret     string `json:"secret"`
		}{w.EndpointID, w.Secret})
	}, nil
}

func (s *Simulator) updateWebhook(r *http.Request) answer {
	id := r.PathValue("endpoint_id")
	body, p := readBody(r, webhookPatch)
	if p != nil {
		return p.answer()
	}
	return s.change(func(st *state, _ time.Time) (*record, answer) {
		i := st.webhookAt(id)
		if i < 0 {
			return nil, noWebhook(id).answer()
		}
		w := *st.webhooks[i]
		if body.has("url") {
			w.URL = body.text("url")
		}
		if _, given := body["events"]; given { // null again means all
			w.Events = body.words("events")
		}
		return &record{Webhook: &w}, success(w.public())
	})
}

func (s *Simulator) deleteWebhook(r *http.Request) answer {
	id := r.PathValue("endpoint_id")
	return s.change(func(st *state, _ time.Time) (*record, answer) {
		if st.webhookAt(id) < 0 {
			return nil, noWebhook(id).answer()
		}
		return &record{Unhooked: id}, success(struct{}{})
	})
}

func (s *Simulator) listWebhooks(r *http.Request) answer {
	s.state.mu.Lock()
	all := make([]webhook, len(s.state.webhooks))
	for i, w := range s.state.webhooks {
		all[i] = w.public()
	}
	s.state.mu.Unlock()
	return paged(r.URL.Query(), all, 10, 100)
}

func listEventTypes(*http.Request) answer {
	type eventType struct {
		EventType   string `json:"event_type"`
		Description string `json:"description"`
	}
	var all []eventType
	for _, name := range eventTypes {
		all = append(all, eventType{name, "Fires on " + strings.NewReplacer("_", " ", ".", ": ").Replace(name) + "."})
	}
	return list(all, "")
}

func noWebhook(id string) *problem {
	return notFound("webhook_not_found", fmt.Sprintf("Webhook endpoint %s not found.", id))
}

// webhookAt finds an endpoint's place; -1: none. The caller holds the lock.
func (st *state) webhookAt(id string) int {
	return slices.IndexFunc(st.webhooks, func(w *webhook) bool { return w.EndpointID == id })
}

func (st *state) putWebhook(w *webhook) {
	if i := st.webhookAt(w.EndpointID); i >= 0 {
		st.webhooks[i] = w
		return
	}
	st.webhooks = append(st.webhooks, w)
}

func (st *state) dropWebhook(id string) {
	st.webhooks = slices.DeleteFunc(st.webhooks, func(w *webhook) bool { return w.EndpointID == id })
}

// eventTypes are the events that HeyGen sends.
var eventTypes = []string{
	"avatar_video.success", "avatar_video.fail", "avatar_video_gif.success", "avatar_video_gif.fail",
	"avatar_video_caption.success", "avatar_video_caption.fail", "video_agent.success", "video_agent.fail",
	"video_translate.success", "video_translate.fail", "video_translate.preflight.validation_failed", "video_translate.preflight.download_failed",
	"personalized_video", "instant_avatar.success", "instant_avatar.fail", "photo_avatar_generation.success", "photo_avatar_generation.fail",
	"photo_avatar_train.success", "photo_avatar_train.fail", "photo_avatar_add_motion.success", "photo_avatar_add_motion.fail",
	"proofread_creation.success", "proofread_creation.fail", "live_avatar.success", "live_avatar.fail",
	"hyperframes_video.success", "hyperframes_video.fail", "ai_clipping.success", "ai_clipping.fail", "batch.finished",
}
