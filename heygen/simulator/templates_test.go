package simulator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"heyq/heygen/simulator"
)

func textVariable(s string) object {
	return object{"type": "text", "properties": object{"content": s}}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	all := get[[]struct{ ID, Name string }](a, "/v3/templates")
	if len(all) != 1 || all[0].ID != "template_1" {
		t.Fatalf("templates %+v", all)
	}
	detail := get[struct {
		Variables map[string]any
		SceneIDs  []string `json:"scene_ids"`
	}](a, "/v3/templates/template_1")
	for _, name := range []string{"name", "company"} {
		if detail.Variables[name] == nil {
			t.Errorf("no variable %s in %v", name, detail.Variables)
		}
	}
	// What the template says of itself can be posted back.
	body := object{"variables": detail.Variables, "scene_ids": detail.SceneIDs}
	data[video](t, a.do("POST", "/v3/templates/template_1", body))
}

func TestTemplate_generates(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	body := object{"title": "For Grace", "caption": true, "variables": object{"name": textVariable("Grace"), "company": object{"type": "text", "text": "Navy"}}}
	r := a.do("POST", "/v3/templates/template_1", body, "Idempotency-Key", "t.1")
	made := data[video](t, r)
	if made.Status != "pending" || made.Title != "For Grace" || made.VideoURL != "" {
		t.Errorf("made %+v", made)
	}

	done := get[video](a, "/v3/videos/"+made.ID)
	if done.Status != "completed" || done.CaptionedURL == "" {
		t.Errorf("done %+v", done)
	}
	srt := strings.Join(strings.Fields(a.do("GET", done.SubtitleURL, nil).body), " ")
	for _, word := range []string{"Grace", "Navy"} {
		if !strings.Contains(srt, word) {
			t.Errorf("no %s in %s", word, srt)
		}
	}

	// A replay is the video as it was then, not as it is now.
	again := a.do("POST", "/v3/templates/template_1", object{}, "Idempotency-Key", "t.1")
	if diff := cmp.Diff(r.body, again.body); diff != "" {
		t.Error(diff)
	}
}

func TestTemplate_refuses(t *testing.T) {
	t.Parallel()
	a := start(t, simulator.Options{})
	good := object{"variables": object{}}
	for name, c := range map[string]struct {
		path string
		body object
		want refusal
	}{
		"unknown template": {"template_2", good, refusal{404, "template_not_found", ""}},
		"no variables":     {"template_1", object{}, refusal{400, "invalid_parameter", "variables"}},
		"unknown variable": {"template_1", object{"variables": object{"town": textVariable("Rome")}}, refusal{400, "invalid_parameter", "variables.town"}},
		"plain string":     {"template_1", object{"variables": object{"name": "Ada"}}, refusal{400, "invalid_parameter", "variables.name"}},
		"an image":         {"template_1", object{"variables": object{"name": object{"type": "image", "url": "https://example.com"}}}, refusal{400, "invalid_parameter", "variables.name"}},
		"unknown field":    {"template_1", good.with(object{"script": "Hi."}), refusal{400, "invalid_parameter", "script"}},
		"odd width":        {"template_1", good.with(object{"dimension": object{"width": 129, "height": 128}}), refusal{400, "invalid_parameter", "dimension.width"}},
		"fps":              {"template_1", good.with(object{"fps": 26}), refusal{400, "invalid_parameter", "fps"}},
		"unknown scene":    {"template_1", good.with(object{"scene_ids": []string{"scene_2"}}), refusal{400, "invalid_parameter", "scene_ids.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, refused(t, a.do("POST", "/v3/templates/"+c.path, c.body))); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := refused(t, a.do("GET", "/v3/templates/template_2", nil)); got != (refusal{404, "template_not_found", ""}) {
		t.Errorf("%+v", got)
	}
}
