package heygen

import (
	"context"
	"encoding/json"
	"fmt"
)

// TemplatesService calls /v3/templates. Generating from a template is a create:
// see VideosService.Create.
type TemplatesService struct{ client *Client }

// Template is a prepared video with places to fill. List leaves Variables and
// SceneIDs empty.
type Template struct {
	ID           string                     `json:"id"`
	Name         string                     `json:"name"`
	AspectRatio  string                     `json:"aspect_ratio"`
	ThumbnailURL string                     `json:"thumbnail_url"`
	CreatedAt    int64                      `json:"created_at"` // Unix seconds, 0 if unknown
	UpdatedAt    int64                      `json:"updated_at"` // Unix seconds, 0 if unknown
	Variables    map[string]json.RawMessage `json:"variables"`  // by name, with their defaults, as HeyGen wants them back
	SceneIDs     []string                   `json:"scene_ids"`
}

// List returns one page of templates. Limit is 1 to 100, 0 for HeyGen's default
// of 10; token is Next of the page before.
func (s *TemplatesService) List(ctx context.Context, limit int, token string) (Page[Template], error) {
	var a answer[[]Template]
	if err := s.client.get(ctx, "templates", "/v3/templates", query(limit, "token", token), &a); err != nil {
		return Page[Template]{}, err
	}
	return pageOf("templates", a)
}

// Get returns one template with its variables.
func (s *TemplatesService) Get(ctx context.Context, id string) (Template, error) {
	path, err := pathTo("/v3/templates", id)
	if err != nil {
		return Template{}, fmt.Errorf("template: %w", err)
	}
	var a answer[Template]
	if err := s.client.get(ctx, "template", path, nil, &a); err != nil {
		return Template{}, err
	}
	return a.Data, nil
}
