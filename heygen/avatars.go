package heygen

import "context"

// AvatarsService calls /v3/avatars.
type AvatarsService struct{ client *Client }

// Look is one appearance of an avatar. Its ID is the avatar_id of a create.
type Look struct {
	ID               string   `json:"id"`
	Name             string   `json:"name"`
	AvatarType       string   `json:"avatar_type"` // studio_avatar, digital_twin, photo_avatar
	GroupID          string   `json:"group_id"`
	Gender           string   `json:"gender"`
	DefaultVoiceID   string   `json:"default_voice_id"`
	PreviewImageURL  string   `json:"preview_image_url"`
	Orientation      string   `json:"preferred_orientation"` // portrait, landscape, square
	SupportedEngines []string `json:"supported_api_engines"`
	Status           Status   `json:"status"` // of private looks alone
}

// LookOptions chooses a page of looks.
type LookOptions struct {
	AvatarType string // empty: all
	Ownership  string // public, private; empty: both
	GroupID    string // empty: all
	Limit      int    // 1 to 50; 0: HeyGen's default, 20
	Token      string // Next of the page before
}

// Looks returns one page of looks.
func (s *AvatarsService) Looks(ctx context.Context, o LookOptions) (Page[Look], error) {
	var a answer[[]Look]
	q := query(o.Limit, "avatar_type", o.AvatarType, "ownership", o.Ownership, "group_id", o.GroupID, "token", o.Token)
	if err := s.client.get(ctx, "looks", "/v3/avatars/looks", q, &a); err != nil {
		return Page[Look]{}, err
	}
	return pageOf("looks", a)
}
