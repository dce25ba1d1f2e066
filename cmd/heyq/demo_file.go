package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"heyq/client"
)

// madeVideo is a video and the file of it that was found and checked.
type madeVideo struct {
	client.Video
	path  string // of the checked file; empty: there is none
	wrong string // what is wrong with it; empty: it completed, and its file is good
}

// verify looks for the file of v in the demo's folder and reads it: its size
// and SHA-256 must be what the API tells.
func verify(dir string, v client.Video) madeVideo {
	m := madeVideo{Video: v}
	if v.State != "completed" || v.File == nil {
		m.wrong = "is " + string(v.State) + reason(v)
		return m
	}
	paths, err := filepath.Glob(filepath.Join(dir, "media", "videos", v.ID, "*", "video.mp4"))
	if err != nil {
		m.wrong = err.Error()
		return m
	}
	m.wrong = "has no file below " + dir
	for _, path := range paths { // one, unless a run was cut off after it had published
		n, sum, err := sumFile(path)
		switch {
		case err != nil:
			m.wrong = err.Error()
		case n == v.File.Bytes && sum == v.File.SHA256:
			m.path, m.wrong = path, ""
			return m
		default:
			m.wrong = path + " is not the file that the API tells of"
		}
	}
	return m
}

func sumFile(path string) (n int64, sum string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	h := sha256.New()
	n, err = io.Copy(h, file)
	return n, hex.EncodeToString(h.Sum(nil)), err
}
