package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"heyq/heygen/simulator"
)

// BenchmarkCreateAndGet is one video's calls without the network: the create,
// the look with its links, the file.
func BenchmarkCreateAndGet(b *testing.B) {
	for name, dir := range map[string]string{"memory": "", "dir": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			sim, err := simulator.New(simulator.Options{Concurrency: 1 << 30, Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			defer sim.Close()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					createAndGet(b, sim)
				}
			})
		})
	}
}

func createAndGet(b *testing.B, sim http.Handler) {
	created := call(b, sim, "POST", "/v3/videos", `{"type":"avatar","avatar_id":"avatar_1","voice_id":"voice_1","script":"Hello, Ada.","title":"Hello"}`)
	var made struct {
		Data struct {
			VideoID string `json:"video_id"`
		}
	}
	if err := json.Unmarshal(created, &made); err != nil {
		b.Fatal(err)
	}
	call(b, sim, "GET", "/v3/videos/"+made.Data.VideoID, "")
}

func call(b *testing.B, sim http.Handler, method, path, body string) []byte {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("X-Api-Key", "test")
	w := httptest.NewRecorder()
	sim.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func BenchmarkThumbnail(b *testing.B) {
	sim, err := simulator.New(simulator.Options{PublicURL: "http://sim"})
	if err != nil {
		b.Fatal(err)
	}
	created := call(b, sim, "POST", "/v3/videos", `{"type":"avatar","avatar_id":"avatar_1","script":"Hello.","title":"Welcome, Ada! <0193f2c1-77aa.1>"}`)
	id := strings.Split(string(created), `"`)[5]
	var v struct{ Data video }
	if err := json.Unmarshal(call(b, sim, "GET", "/v3/videos/"+id, ""), &v); err != nil {
		b.Fatal(err)
	}
	path := strings.TrimPrefix(v.Data.ThumbnailURL, "http://sim")
	b.ReportAllocs()
	for b.Loop() {
		call(b, sim, "GET", path, "")
	}
}
