package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"heyq/heygen"
	"heyq/jobs"
	"heyq/media"
	"heyq/store"
)

// The names of what stands beside a video.
const (
	scriptName   = "script.txt"
	metadataName = "metadata.json"
)

// description is what metadata.json holds: enough to know the folder without
// heyq.
type description struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Description string            `json:"description,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	HeyGenID    string            `json:"heygen_id"`
	CreatedAt   time.Time         `json:"created_at"`
	Bytes       int64             `json:"bytes"`
	SHA256      string            `json:"sha256"`
	Duration    float64           `json:"duration_seconds"`
	Width       int               `json:"width"`
	Height      int               `json:"height"`
	VideoCodec  string            `json:"video_codec,omitempty"`
	AudioCodec  string            `json:"audio_codec,omitempty"`
	BitRate     int               `json:"bit_rate,omitempty"`
}

// publish puts the video and what belongs to it under the run's own prefix.
func (h *Handlers) publish(ctx context.Context, run store.Run, links heygen.Video, video *media.Spooled, facts media.Facts) (_ string, _ store.File, err error) {
	ctx, span := h.Tracer.Start(ctx, "publish")
	defer func() { span.Failed(plain(err)).End() }()
	prefix, err := media.PrefixOf(run.Video.String(), run.Run)
	if err != nil {
		return "", store.File{}, err
	}
	assets := h.assets(ctx, run, links)
	defer removeSpooled(assets)
	file := store.File{
		Bytes: video.Bytes, SHA256: video.SHA256, Duration: facts.Duration, Width: facts.Width, Height: facts.Height,
		VideoCodec: facts.VideoCodec, AudioCodec: facts.AudioCodec, BitRate: int(facts.BitRate),
		Thumbnail: has(assets, media.ThumbnailName), Captions: has(assets, media.CaptionsName),
		Promised: lasting(links),
	}
	written, err := h.written(run, file)
	if err != nil {
		return "", store.File{}, err
	}
	files := slices.Concat([]media.File{{Name: media.VideoName, Path: video.Path}}, assets, written)
	return prefix, file, h.Media.Publish(ctx, prefix, files...)
}

// written are the files that heyq makes itself.
func (h *Handlers) written(run store.Run, file store.File) ([]media.File, error) {
	render, err := jobs.ReadRender(run.Request)
	if err != nil {
		return nil, err
	}
	about, err := json.MarshalIndent(description{
		ID: run.Video.String(), Title: run.Title, Description: run.Description, Metadata: run.Metadata,
		HeyGenID: run.HeyGenID, CreatedAt: run.CreatedAt,
		Bytes: file.Bytes, SHA256: file.SHA256, Duration: file.Duration.Seconds(), Width: file.Width, Height: file.Height,
		VideoCodec: file.VideoCodec, AudioCodec: file.AudioCodec, BitRate: file.BitRate,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	files := []media.File{{Name: metadataName, Data: append(about, '\n')}}
	if render.Script != "" {
		files = append(files, media.File{Name: scriptName, Data: []byte(render.Script + "\n")})
	}
	return files, nil
}
