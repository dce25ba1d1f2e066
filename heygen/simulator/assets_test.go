package simulator_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"heyq/heygen/simulator"
)

// png begins as a PNG does; more of it is not read.
const png = "\x89PNG\r\n\x1a\n and so on"

type uploaded struct {
	AssetID   string `json:"asset_id"`
	URL       string
	MimeType  string `json:"mime_type"`
	SizeBytes int    `json:"size_bytes"`
}

// post sends a file as a form does.
func (a *account) post(field, name, content string, headers ...string) result {
	a.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	if err != nil {
		a.t.Fatal(err)
	}
	_, _ = part.Write([]byte(content))
	_ = form.Close()
	return a.do("POST", "/v3/assets", body.String(), append([]string{"Content-Type", form.FormDataContentType()}, headers...)...)
}

func (a *account) upload(name, content string) uploaded {
	a.t.Helper()
	return data[uploaded](a.t, a.post("file", name, content))
}

func TestAsset(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	up := a.upload("a.png", png)
	if up.MimeType != "image/png" || up.SizeBytes != len(png) {
		t.Errorf("%+v", up)
	}
	if r := a.do("GET", up.URL, nil, "X-Api-Key", ""); r.body != png || r.header.Get("Content-Type") != "image/png" {
		t.Errorf("its URL: %d %q", r.status, r.body)
	}
	if srt := a.upload("a.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n"); srt.MimeType != "application/x-subrip" {
		t.Errorf("%+v", srt)
	}
	data[any](t, a.do("POST", "/v3/videos", pictured.with(object{"image": object{"type": "asset_id", "asset_id": up.AssetID}})))
	if r := a.do("GET", "/assets/other", nil); r.status != 404 {
		t.Errorf("another id: %d", r.status)
	}
}

func TestAsset_replays(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	one := a.post("file", "a.png", png, idempotencyKey, "k")
	two := a.post("file", "a.png", png, idempotencyKey, "k")
	if one.status != 200 || one.body != two.body {
		t.Errorf("%s, then %s", one.body, two.body)
	}
}

func TestAsset_refuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for name, c := range map[string]struct {
		answer result
		want   refusal
	}{
		"no form":        {a.do("POST", "/v3/assets", object{}), refusal{400, "invalid_parameter", "file"}},
		"another field":  {a.post("data", "a.png", png), refusal{400, "invalid_parameter", "file"}},
		"plain text":     {a.post("file", "a.txt", "hello"), refusal{400, "invalid_parameter", "file"}},
		"too large":      {a.post("file", "a.png", png+strings.Repeat("x", 32<<20)), refusal{413, "payload_too_large", "file"}},
		"much too large": {a.post("file", "a.png", png+strings.Repeat("x", 34<<20)), refusal{413, "payload_too_large", "file"}},
	} {
		if got := refused(t, c.answer); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
