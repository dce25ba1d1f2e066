package heygen

import "context"

// VoicesService calls /v3/voices.
type VoicesService struct{ client *Client }

// Voice is one that can speak a script.
type Voice struct {
	ID              string `json:"voice_id"`
	Name            string `json:"name"`
	Language        string `json:"language"`
	Gender          string `json:"gender"`
	Type            string `json:"type"` // public, private
	PreviewAudioURL string `json:"preview_audio_url"`
	SupportsLocale  bool   `json:"support_locale"`
	SupportsPause   bool   `json:"support_pause"`
}

// VoiceOptions chooses a page of voices.
type VoiceOptions struct {
	Type     string // public (HeyGen's default), private
	Language string // such as English; empty: all
	Gender   string // male, female; empty: all
	Engine   string // empty: all
	Limit    int    // 1 to 100; 0: HeyGen's default, 20
	Token    string // Next of the page before
}

// List returns one page of voices.
func (s *VoicesService) List(ctx context.Context, o VoiceOptions) (Page[Voice], error) {
	var a answer[[]Voice]
	q := query(o.Limit, "type", o.Type, "language", o.Language, "gender", o.Gender, "engine", o.Engine, "token", o.Token)
	if err := s.client.get(ctx, "voices", "/v3/voices", q, &a); err != nil {
		return Page[Voice]{}, err
	}
	return pageOf("voices", a)
}
