package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The one template that the account has. Its variables are texts.
const (
	templateID     = "template_1"
	templateName   = "Warm welcome"
	templateScript = "Hello {{name}}, and welcome! Everyone at {{company}} is glad that you are here."
)

var templateDefaults = map[string]string{"name": "Ada", "company": "Analytical Engines"}

type templateSummary struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	AspectRatio string `json:"aspect_ratio"`
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
}

var template1 = templateSummary{ID: templateID, Name: templateName, AspectRatio: "16:9", CreatedAt: catalogueTime, UpdatedAt: catalogueTime}

func listTemplates(r *http.Request) answer {
	return paged(r.URL.Query(), []templateSummary{template1}, 10, 100)
}

// getTemplate answers with the variables' defaults in the shape that generation
// takes, so that the answer can be edited and posted back.
func getTemplate(r *http.Request) answer {
	type scene struct {
		SceneID   string              `json:"scene_id"`
		Script    string              `json:"script"`
		Variables []map[string]string `json:"variables"`
	}
	if id := r.PathValue("template_id"); id != templateID {
		return noTemplate(id).answer()
	}
	variables := map[string]any{}
	only := scene{SceneID: "scene_1", Script: templateScript}
	for _, name := range slices.Sorted(maps.Keys(templateDefaults)) {
		variables[name] = map[string]any{"type": "text", "properties": map[string]string{"content": templateDefaults[name]}}
		only.Variables = append(only.Variables, map[string]string{"name": name, "variable_type": "text"})
	}
	return success(struct {
		templateSummary
		Variables map[string]any `json:"variables"`
		SceneIDs  []string       `json:"scene_ids"`
		Scenes    []scene        `json:"scenes"`
	}{template1, variables, []string{only.SceneID}, []scene{only}})
}

// readTemplate reads POST /v3/templates/{template_id}. Its answer, and so every
// replay of it, is the video as it was at that moment.
func (s *Simulator) readTemplate(r *http.Request) (draft, *problem) {
	if id := r.PathValue("template_id"); id != templateID {
		return nil, noTemplate(id)
	}
	body, p := readBody(r, templateBody)
	if p != nil {
		return nil, p
	}
	said, p := fillTemplate(body)
	if p != nil {
		return nil, p
	}
	if p := checkRendering(body); p != nil {
		return nil, p
	}
	v := s.newRender(r, body)
	v.Script, v.Burned = said, body["caption"] == true || body.has("subtitles")
	if v.Title == "" {
		v.Title = templateName
	}
	return s.accepting(v, func() answer { return success(outline(v, pending)) }), nil
}

// fillTemplate puts the variables into the script. One that is not given keeps
// its default.
func fillTemplate(body object) (string, *problem) {
	given, ok := body["variables"].(map[string]any)
	if !ok {
		return "", invalid("variables", "Input should be a valid object")
	}
	texts := maps.Clone(templateDefaults)
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, known := texts[name]; !known {
			return "", invalid("variables."+name, fmt.Sprintf("Variable %s is not defined in the template.", name))
		}
		value, ok := variableText(given[name])
		if !ok {
			return "", invalid("variables."+name, `A text variable looks like {"type": "text", "properties": {"content": "…"}}.`)
		}
		texts[name] = value
	}
	said := templateScript
	for name, value := range texts {
		said = strings.ReplaceAll(said, "{{"+name+"}}", value)
	}
	return said, nil
}

// variableText takes a text variable apart. HeyGen's schema leaves the object
// open, and its documents show the text under properties as well as flat.
func variableText(value any) (string, bool) {
	flat, _ := value.(map[string]any)
	variable := object(flat)
	if variable == nil || variable.has("type") && variable.text("type") != "text" {
		return "", false
	}
	for _, place := range []object{variable.object("properties"), variable} {
		for _, name := range []string{"content", "text", "value"} {
			if s, ok := place[name].(string); ok {
				return s, true
			}
		}
	}
	return "", false
}

func checkRendering(body object) *problem {
	if fps, given := body["fps"].(float64); given && fps != 25 && fps != 30 && fps != 60 {
		return invalid("fps", "Input should be 25, 30 or 60")
	}
	for _, side := range []string{"width", "height"} {
		if n, given := body.object("dimension")[side].(float64); given && int(n)%2 != 0 {
			return invalid("dimension."+side, "Input should be an even number")
		}
	}
	scenes, _ := body["scene_ids"].([]any)
	for i, id := range scenes {
		if id != "scene_1" {
			return invalid(fmt.Sprintf("scene_ids.%d", i), "The scene does not exist in the template.")
		}
	}
	return nil
}

func noTemplate(id string) *problem {
	return notFound("template_not_found", fmt.Sprintf("Template %s not found.", id))
}
