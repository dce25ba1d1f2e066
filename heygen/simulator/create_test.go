package simulator_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

// object is a JSON body under construction.
type object map[string]any

func (o object) with(more object) object {
	all := maps.Clone(o)
	maps.Copy(all, more)
	return all
}

func (o object) without(name string) object {
	all := maps.Clone(o)
	delete(all, name)
	return all
}

var (
	speaking  = object{"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}
	pictured  = object{"type": "image", "image": object{"type": "url", "url": "https://example.com/a.png"}, "script": "Hello.", "voice_id": "voice_1"}
	cinematic = object{"type": "cinematic_avatar", "prompt": "a walk at dusk", "avatar_id": []string{"avatar_1"}}
	spoken    = object{"type": "avatar_video", "input": object{"type": "avatar", "avatar_id": "avatar_1", "script": "Hello."}}
	shown     = object{"type": "image", "source": object{"type": "url", "url": "https://example.com/a.png"}, "duration": 5}
)

func studio(scenes ...object) object { return object{"type": "studio", "scenes": scenes} }

func TestCreate_accepts(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	for name, body := range map[string]object{
		"avatar":           speaking,
		"script of 5000":   speaking.with(object{"script": strings.Repeat("ä", 5000)}),
		"null is absent":   speaking.with(object{"title": nil, "audio_url": nil}),
		"recorded":         speaking.without("script").with(object{"audio_url": "https://example.com/a.mp3"}),
		"every setting":    speaking.with(everySetting),
		"photo performs":   speaking.with(object{"avatar_id": "avatar_4", "expressiveness": "high", "motion_prompt": "wave"}),
		"filmed on v":      speaking.with(object{"engine": object{"type": "avatar_v"}, "motion_prompt": "wave"}),
		"image":            pictured,
		"inline image":     pictured.with(object{"image": object{"type": "base64", "media_type": "image/png", "data": "aGk="}}),
		"cinematic":        cinematic.with(object{"duration": 15, "aspect_ratio": "9:16", "resolution": "1080p"}),
		"studio":           studio(spoken, shown),
		"studio, narrated": studio(shown.without("duration").with(object{"script": "Look.", "voice_id": "voice_2"})),
	} {
		t.Run(name, func(t *testing.T) {
			got := data[map[string]string](t, a.do("POST", "/v3/videos", body))
			if len(got["video_id"]) != 32 {
				t.Errorf("video_id %q", got["video_id"])
			}
			delete(got, "video_id")
			if diff := cmp.Diff(map[string]string{"status": "waiting", "output_format": "mp4"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var everySetting = object{
	"voice_id": "voice_3", "voice_settings": object{
		"speed": 1.5, "pitch": -50, "volume": 0, "locale": "en-GB",
		"engine_settings": object{"engine_type": "elevenlabs", "model": "eleven_v3", "stability": 0.5},
	},
	"title": "All of it", "resolution": "4k", "aspect_ratio": "auto", "fit": "cover", "output_format": "mp4",
	"background": object{"type": "color", "value": "#1a2b3c"}, "caption": object{"file_format": "srt", "style": "default"},
	"engine": object{"type": "avatar_iii"}, "callback_id": "one", "callback_url": "http://127.0.0.1/hook", "folder_id": "f1",
	"watermark": object{"image": object{"type": "url", "url": "https://example.com/w.png"}, "placement": object{"position": "top_left"}},
}

func TestCreate_refuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	wrong := func(param string) refusal { return refusal{400, "invalid_parameter", param} }
	for name, c := range map[string]struct {
		body any
		want refusal
	}{
		"not JSON":                 {"{", wrong("")},
		"not an object":            {"[]", wrong("")},
		"two values":               {`{"type":"avatar"} {}`, wrong("")},
		"no type":                  {object{}, wrong("type")},
		"unknown type":             {object{"type": "hologram"}, wrong("type")},
		"unknown field":            {speaking.with(object{"dimension": object{}}), wrong("dimension")},
		"unknown field, v2's test": {speaking.with(object{"test": true}), wrong("test")},
		"unknown field, inside":    {speaking.with(object{"voice_settings": object{"emotion": "glad"}}), wrong("voice_settings.emotion")},
		"another type's field":     {cinematic.with(object{"callback_url": "https://example.com"}), wrong("callback_url")},
		"no avatar":                {speaking.without("avatar_id"), wrong("avatar_id")},
		"unknown avatar":           {speaking.with(object{"avatar_id": "avatar_6"}), refusal{404, "avatar_not_found", ""}},
		"unknown voice":            {speaking.with(object{"voice_id": "voice_6"}), refusal{404, "voice_not_found", ""}},
		"unknown asset":            {speaking.without("script").with(object{"audio_asset_id": "a1"}), refusal{404, "asset_not_found", ""}},
		"silent":                   {speaking.without("script"), wrong("script")},
		"script and audio":         {speaking.with(object{"audio_url": "https://example.com/a.mp3"}), wrong("script")},
		"empty script":             {speaking.with(object{"script": ""}), wrong("script")},
		"blank script":             {speaking.with(object{"script": " \n"}), refusal{400, "script_too_short", "script"}},
		"script of 5001":           {speaking.with(object{"script": strings.Repeat("ä", 5001)}), wrong("script")},
		"script is a number":       {speaking.with(object{"script": 5}), wrong("script")},
		"too fast":                 {speaking.with(object{"voice_settings": object{"speed": 1.51}}), wrong("voice_settings.speed")},
		"too low":                  {speaking.with(object{"voice_settings": object{"pitch": -51}}), wrong("voice_settings.pitch")},
		"resolution":               {speaking.with(object{"resolution": "8k"}), wrong("resolution")},
		"caption is a bool":        {speaking.with(object{"caption": true}), wrong("caption")},
		"not a link":               {speaking.with(object{"callback_url": "here"}), wrong("callback_url")},
		"bad color":                {speaking.with(object{"background": object{"type": "color", "value": "red"}}), wrong("background.value")},
		"no background":            {speaking.with(object{"background": object{"type": "image"}}), wrong("background.url")},
		"webm without matting":     {speaking.with(object{"output_format": "webm"}), wrong("output_format")},
		"filmed, expressive":       {speaking.with(object{"expressiveness": "high"}), wrong("expressiveness")},
		"filmed, in motion":        {speaking.with(object{"motion_prompt": "wave"}), wrong("motion_prompt")},
		"image without voice":      {pictured.without("voice_id"), wrong("voice_id")},
		"image without image":      {pictured.without("image"), wrong("image")},
		"image with engine":        {pictured.with(object{"engine": object{"type": "avatar_iv"}}), wrong("engine")},
		"four avatars":             {cinematic.with(object{"avatar_id": []string{"avatar_1", "avatar_2", "avatar_3", "avatar_4"}}), wrong("avatar_id")},
		"three seconds":            {cinematic.with(object{"duration": 3}), wrong("duration")},
		"half a second":            {cinematic.with(object{"duration": 4.5}), wrong("duration")},
		"both durations":           {cinematic.with(object{"duration": 5, "auto_duration": true}), wrong("duration")},
		"cinematic in 4k":          {cinematic.with(object{"resolution": "4k"}), wrong("resolution")},
		"no scenes":                {studio(), wrong("scenes")},
		"bad scene":                {studio(shown, spoken.without("input")), wrong("scenes.1.input")},
		"scene of neither kind":    {studio(shown.with(object{"script": "Look."})), wrong("scenes.0.duration")},
		"scene with unknown field": {studio(shown.with(object{"fade": 1})), wrong("scenes.0.fade")},
		"scene's avatar":           {studio(object{"type": "avatar_video", "input": object{"type": "avatar", "avatar_id": "x", "script": "Hi."}}), refusal{404, "avatar_not_found", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused(t, a.do("POST", "/v3/videos", c.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
	if n := a.Ledger().Accepted; n != 0 {
		t.Errorf("%d refused videos were billed", n)
	}
}

func TestCreate_unknownFieldInHeyGensWords(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	r := a.do("POST", "/v3/videos", speaking.with(object{"surprise": 1}))
	want := `{"error":{"code":"invalid_parameter","message":"Extra inputs are not permitted","param":"surprise","doc_url":"https://developers.heygen.com/docs/error-codes#invalid_parameter"}}`
	if r.body != want {
		t.Errorf("got %s", r.body)
	}
}
