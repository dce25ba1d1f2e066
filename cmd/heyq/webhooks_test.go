package main

import (
	"fmt"
	"net"
	"testing"

	"heyq/internal/testkit"
	"heyq/wire"
)

// startPublic runs `heyq up` where its simulator can call back, and returns the
// environment of the commands that talk to it.
func startPublic(t *testing.T, more ...string) []string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	environ := append([]string{"HEYQ_PUBLIC_URL=http://" + addr}, more...)
	return startUpOn(t, addr, environ...)
}

// registered waits for the endpoint that heyq registers by itself.
func registered(t *testing.T, environ []string) (own wire.Webhook) {
	t.Helper()
	testkit.Eventually(t, func() error {
		all := decode[[]wire.Webhook](t, heyq(t, environ, "webhooks", "list", "--json").wantOK(t))
		if len(all) != 1 || !all[0].Enabled || !all[0].Known {
			return fmt.Errorf("listed is %+v, want its own", all)
		}
		own = all[0]
		return nil
	})
	return own
}

// Nothing is looked at within the hour, and so whatever completes was told of:
// by the signed endpoint alone if the create has no callback_url, and by the
// callback_url alone if nothing is registered.
func TestE2E_videos_complete_by_webhooks(t *testing.T) {
	t.Parallel()
	environ := startPublic(t, "HEYQ_POLL_INTERVAL=1h")
	own := registered(t, environ)
	signed := made(t, environ, "--heygen", `{"type":"cinematic_avatar","prompt":"walks by the sea","avatar_id":["avatar_1"]}`)
	both := made(t, environ, hello...)
	watch := []string{"videos", "watch", "--interval", "50ms"}
	heyq(t, environ, append(watch, signed, both)...).wantOK(t)

	heyq(t, environ, "webhooks", "delete", own.ID).wantOK(t)
	unsigned := made(t, environ, hello...)
	heyq(t, environ, append(watch, unsigned)...).wantOK(t)
}

func TestE2E_webhooks_register_list_delete(t *testing.T) {
	t.Parallel()
	environ := startPublic(t)
	list := func() []wire.Webhook {
		t.Helper()
		return decode[[]wire.Webhook](t, heyq(t, environ, "webhooks", "list", "--json").wantOK(t))
	}
	own := registered(t, environ)
	heyq(t, environ, "webhooks", "register").wantOK(t).want(t, 0, own.ID, "ready", own.URL)
	heyq(t, environ, "webhooks", "register", "--url", "http://127.0.0.1:1/other").wantOK(t).want(t, 0, "ready", "/other")
	heyq(t, environ, "webhooks", "register", "--url", "http://example.com").want(t, 2, "url", "HTTPS")
	heyq(t, environ, "webhooks", "list").wantOK(t).want(t, 0, own.ID, "/other", "avatar_video.success, avatar_video.fail")
	for _, w := range list() {
		heyq(t, environ, "webhooks", "delete", w.ID).wantOK(t).want(t, 0, w.ID)
		heyq(t, environ, "webhooks", "delete", w.ID).want(t, 3, "no such webhook")
	}
	heyq(t, environ, "webhooks", "list").wantOK(t).want(t, 0, "no webhooks")
}

// A heyq that HeyGen cannot reach says what is missing.
func TestE2E_webhooks_without_an_address(t *testing.T) {
	t.Parallel()
	heyq(t, startUp(t), "webhooks", "register").want(t, 2, "url", "HEYQ_PUBLIC_URL")
}
