package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// readVideo reads POST /v3/videos.
func (s *Simulator) readVideo(r *http.Request) (draft, *problem) {
	body, p := readBody(r, videoBody)
	if p != nil {
		return nil, p
	}
	said, p := s.checkVideo(body)
	if p != nil {
		return nil, p
	}
	caption := body.object("caption")
	v := s.newRender(r, body)
	v.Script, v.Burned = spoken(said, caption != nil), caption.has("style")
	return s.accepting(v, func() answer {
		return success(struct {
			VideoID      string `json:"video_id"`
			Status       string `json:"status"`
			OutputFormat string `json:"output_format"`
		}{v.ID, "waiting", "mp4"})
	}), nil
}

// newRender takes from a request what every kind of video has.
func (s *Simulator) newRender(r *http.Request, body object) *render {
	return &render{
		Title:       body.text("title"),
		Folder:      body.text("folder_id"),
		Key:         r.Header.Get("Idempotency-Key"),
		Wish:        r.Header.Get(faultHeader),
		Base:        s.base(r),
		CallbackURL: body.text("callback_url"),
		CallbackID:  body.text("callback_id"),
		Size:        sizeOf(body),
	}
}

// accepting drafts the acceptance of v: a paid render, answered by created.
func (s *Simulator) accepting(v *render, created func() answer) draft {
	return func(st *state, now time.Time) (*record, answer) {
		if p := st.admit(v, now, s.opts.RenderTime, s.opts.Concurrency); p != nil {
			return nil, p.answer()
		}
		v.Title = s.titled(v)
		rec, a := &record{Render: v, Fate: s.drawFate(v)}, created()
		if s.drawEarly(st, v) {
			rec.Told = v.ID
			a.first = func() { s.tellEarly(v) }
		}
		return rec, a
	}
}

// spoken is the text that captions show. A recording has no text here, but a
// caption file was asked for and so there is one.
func spoken(said string, asked bool) string {
	if said == "" && asked {
		return "(recorded speech)"
	}
	return said
}

// checkVideo holds a body in shape to HeyGen's rules between fields, and
// returns what is said in the video.
func (s *Simulator) checkVideo(body object) (said string, p *problem) {
	switch body.text("type") {
	case "avatar":
		return s.checkAvatar(body)
	case "image":
		return s.checkImage(body)
	case "cinematic_avatar":
		return "", s.checkCinematic(body)
	default:
		return s.checkStudio(body)
	}
}

func (s *Simulator) checkAvatar(body object) (string, *problem) {
	l, p := checkLook("", body)
	if p != nil {
		return "", p
	}
	if body.text("output_format") == "webm" {
		return "", invalid("output_format", "webm requires an avatar that supports matting.")
	}
	if body["remove_background"] == true && !l.photo() {
		return "", invalid("remove_background", "The avatar was not trained with matting enabled.")
	}
	if p := s.checkBackground(body.object("background")); p != nil {
		return "", p
	}
	return body.text("script"), s.checkSpeech("", body, l.DefaultVoiceID != "")
}

func (s *Simulator) checkImage(body object) (string, *problem) {
	if body.text("output_format") == "webm" {
		return "", invalid("output_format", "webm requires an avatar that supports matting.")
	}
	if p := s.checkMedia("image", body.object("image")); p != nil {
		return "", p
	}
	if p := s.checkBackground(body.object("background")); p != nil {
		return "", p
	}
	return body.text("script"), s.checkSpeech("", body, false)
}

func (s *Simulator) checkCinematic(body object) *problem {
	if body["auto_duration"] == true && body.has("duration") {
		return invalid("duration", "Omit duration when auto_duration is true.")
	}
	for _, avatar := range body["avatar_id"].([]any) {
		if _, ok := findLook(avatar.(string)); !ok {
			return noAvatar(avatar.(string))
		}
	}
	references, _ := body["references"].([]any)
	for i, ref := range references {
		if p := s.checkMedia(fmt.Sprintf("references.%d", i), ref.(map[string]any)); p != nil {
			return p
		}
	}
	return nil
}

func (s *Simulator) checkStudio(body object) (string, *problem) {
	var said []string
	for i, each := range body["scenes"].([]any) {
		text, p := s.checkScene(fmt.Sprintf("scenes.%d", i), each.(map[string]any))
		if p != nil {
			return "", p
		}
		if text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, " "), nil
}

func (s *Simulator) checkScene(path string, scene object) (string, *problem) {
	if scene.text("type") == "avatar_video" {
		return s.checkSpeaker(path+".input", scene.object("input"))
	}
	if p := s.checkMedia(path+".source", scene.object("source")); p != nil {
		return "", p
	}
	silent := scene.text("type") == "video" || scene.has("duration")
	if !silent {
		return scene.text("script"), s.checkSpeech(path, scene, false)
	}
	if sources(scene) > 0 {
		return "", invalid(join(path, "duration"), "duration is mutually exclusive with any audio source.")
	}
	return "", nil
}

func (s *Simulator) checkSpeaker(path string, input object) (string, *problem) {
	if input.text("type") == "image" {
		if p := s.checkMedia(join(path, "image"), input.object("image")); p != nil {
			return "", p
		}
		return input.text("script"), s.checkSpeech(path, input, false)
	}
	l, p := checkLook(path, input)
	if p != nil {
		return "", p
	}
	if background := input.object("background"); background != nil && !hexColor.MatchString(background.text("color")) {
		return "", invalid(join(path, "background.color"), "Input should be a 6-digit hex color such as '#1a2b3c'.")
	}
	return input.text("script"), s.checkSpeech(path, input, l.DefaultVoiceID != "")
}

// checkLook finds the avatar and holds the fields that depend on it to what it
// can do.
func checkLook(path string, body object) (look, *problem) {
	l, ok := findLook(body.text("avatar_id"))
	if !ok {
		return look{}, noAvatar(body.text("avatar_id"))
	}
	chosen := body.object("engine").text("type")
	switch {
	case body.has("expressiveness") && (!l.photo() || chosen != "" && chosen != "avatar_iv"):
		return look{}, invalid(join(path, "expressiveness"), "expressiveness is supported for photo avatars on Avatar IV only.")
	case body.has("motion_prompt") && !l.photo() && chosen != "avatar_v":
		return look{}, invalid(join(path, "motion_prompt"), "motion_prompt is supported for photo avatars, and for video avatars on Avatar V only.")
	}
	return l, nil
}

// sources counts what a subject is given to say.
func sources(body object) int {
	n := 0
	for _, name := range []string{"script", "audio_url", "audio_asset_id"} {
		if body.has(name) {
			n++
		}
	}
	return n
}

// checkSpeech wants exactly one source, and a voice for a script.
func (s *Simulator) checkSpeech(path string, body object, defaultVoice bool) *problem {
	if sources(body) != 1 {
		return invalid(join(path, "script"), "Exactly one audio source required: script, audio_url, or audio_asset_id.")
	}
	if body.has("script") && strings.TrimSpace(body.text("script")) == "" {
		return &problem{status: http.StatusBadRequest, code: "script_too_short", message: "The script has nothing to say.", param: join(path, "script")}
	}
	if body.has("script") && !body.has("voice_id") && !defaultVoice {
		return invalid(join(path, "voice_id"), "voice_id is required when script is provided.")
	}
	if v := body.text("voice_id"); v != "" && !knownVoice(v) {
		return notFound("voice_not_found", fmt.Sprintf("Voice %s not found.", v))
	}
	return s.checkAsset(body.text("audio_asset_id"))
}

func (s *Simulator) checkMedia(path string, m object) *problem {
	if m.text("type") == "base64" && !strings.Contains(m.text("media_type"), "/") {
		return invalid(path+".media_type", "Input should be a MIME type.")
	}
	return s.checkAsset(m.text("asset_id"))
}

func (s *Simulator) checkBackground(b object) *problem {
	switch {
	case b.text("type") == "color" && !hexColor.MatchString(b.text("value")):
		return invalid("background.value", "Input should be a 6-digit hex color such as '#ff0000'.")
	case b.text("type") == "image" && b.has("url") == b.has("asset_id"):
		return invalid("background.url", "Exactly one of url and asset_id is required.")
	}
	return s.checkAsset(b.text("asset_id"))
}

func (s *Simulator) checkAsset(id string) *problem {
	if _, ok := s.state.asset(id); id != "" && !ok {
		return notFound("asset_not_found", fmt.Sprintf("Asset %s not found.", id))
	}
	return nil
}

func noAvatar(id string) *problem {
	return notFound("avatar_not_found", fmt.Sprintf("Avatar %s not found.", id))
}
