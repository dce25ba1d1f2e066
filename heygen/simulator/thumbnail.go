package simulator

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// A thumbnail is the clip's still with the title written on its dark hill.
// A JPEG can be cut into strips that decode on their own (restart intervals).
// All strips but the title's are the same in every thumbnail: they are encoded
// once, and a thumbnail costs a line or two of a whole picture's twelve.

//go:embed clip/still.jpg
var still []byte

const (
	stripHeight  = 16               // one row of JPEG blocks at 4:2:0
	titleBottom  = 11 * stripHeight // where the title's strips end; each line is one strip
	titleMargin  = 16
	titleSize    = 13
	jpegQuality  = 82
	firstRestart = 0xD0
)

// canvas is what all thumbnails share.
type canvas struct {
	ground *image.RGBA
	header []byte   // everything before the picture's data
	strips [][]byte // the ground's data, strip by strip
}

var loadCanvas = sync.OnceValues(newCanvas)

func newCanvas() (*canvas, error) {
	picture, err := jpeg.Decode(bytes.NewReader(still))
	if err != nil {
		return nil, fmt.Errorf("decode still: %w", err)
	}
	c := &canvas{ground: image.NewRGBA(picture.Bounds())}
	draw.Draw(c.ground, c.ground.Bounds(), picture, image.Point{}, draw.Src)

	header, _, err := encodeJPEG(c.ground)
	if err != nil {
		return nil, err
	}
	c.header = withRestarts(header, c.ground.Bounds().Dx()/stripHeight)
	for y := 0; y < c.ground.Bounds().Dy(); y += stripHeight {
		_, data, err := encodeJPEG(c.ground.SubImage(image.Rect(0, y, c.ground.Bounds().Dx(), y+stripHeight)))
		if err != nil {
			return nil, err
		}
		c.strips = append(c.strips, data)
	}
	return c, nil
}

// thumbnail returns a JPEG that shows the title, shortened to two lines.
func thumbnail(title string) ([]byte, error) {
	c, err := loadCanvas()
	if err != nil {
		return nil, err
	}
	band := c.titleBand(title)
	out := bytes.NewBuffer(make([]byte, 0, 8<<10))
	out.Write(c.header)
	for i, data := range c.strips {
		if y := i * stripHeight; y >= band.Rect.Min.Y && y < band.Rect.Max.Y {
			if _, data, err = encodeJPEG(band.SubImage(image.Rect(0, y, band.Rect.Dx(), y+stripHeight))); err != nil {
				return nil, err
			}
		}
		if i > 0 {
			out.Write([]byte{0xFF, firstRestart + byte((i-1)%8)})
		}
		out.Write(data)
	}
	out.Write([]byte{0xFF, 0xD9}) // end of image
	return out.Bytes(), nil
}

// titleBand copies the strips under the title and writes on them, a line each.
func (c *canvas) titleBand(title string) *image.RGBA {
	face := faces.Get().(font.Face)
	defer faces.Put(face)
	width := c.ground.Bounds().Dx()
	pen := font.Drawer{Src: image.NewUniform(color.RGBA{0xFF, 0xF1, 0xDC, 0xFF}), Face: face}
	lines := wrap(pen, title, fixed.I(width-2*titleMargin))

	band := image.NewRGBA(image.Rect(0, titleBottom-len(lines)*stripHeight, width, titleBottom))
	draw.Draw(band, band.Rect, c.ground, band.Rect.Min, draw.Src)
	pen.Dst = band
	for i, line := range lines {
		pen.Dot = fixed.P(titleMargin, band.Rect.Min.Y+(i+1)*stripHeight-4)
		pen.DrawString(line)
	}
	return band
}

// wrap breaks a title into at most two lines of width and ends a longer one
// with an ellipsis.
func wrap(pen font.Drawer, title string, width fixed.Int26_6) []string {
	words := strings.Fields(title)
	if len(words) == 0 {
		words = []string{"Untitled"}
	}
	first, rest := fill(pen, words, width)
	if len(rest) == 0 {
		return []string{first}
	}
	return []string{first, clipped(pen, strings.Join(rest, " "), width)}
}

// fill takes the words that fit on a line, at least one.
func fill(pen font.Drawer, words []string, width fixed.Int26_6) (line string, rest []string) {
	line = words[0]
	for i, word := range words[1:] {
		longer := line + " " + word
		if pen.MeasureString(longer) > width {
			return clipped(pen, line, width), words[i+1:]
		}
		line = longer
	}
	return clipped(pen, line, width), nil
}

func clipped(pen font.Drawer, line string, width fixed.Int26_6) string {
	if pen.MeasureString(line) <= width {
		return line
	}
	runes := []rune(line)
	for len(runes) > 1 && pen.MeasureString(string(runes)+"…") > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// faces are not safe for concurrent use, so each drawing takes its own.
var faces = sync.Pool{New: func() any {
	parsed, err := opentype.Parse(gomedium.TTF)
	if err != nil {
		panic(err) // the font is compiled in
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: titleSize, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	return face
}}

// encodeJPEG encodes a picture and cuts the file into its header and its data,
// without the end marker.
func encodeJPEG(m image.Image) (header, data []byte, err error) {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, nil, fmt.Errorf("encode jpeg: %w", err)
	}
	file := out.Bytes()
	scan := scanMarker(file)
	data = file[scan+2+int(binary.BigEndian.Uint16(file[scan+2:])):]
	return file[:len(file)-len(data)], data[:len(data)-2], nil
}

// scanMarker finds the start-of-scan segment, the last one of a header.
func scanMarker(file []byte) int {
	at := 2
	for file[at+1] != 0xDA {
		at += 2 + int(binary.BigEndian.Uint16(file[at+2:]))
	}
	return at
}

// withRestarts says in the header that every interval blocks the data starts anew.
func withRestarts(header []byte, interval int) []byte {
	scan := scanMarker(header)
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xDD, 0, 4}, uint16(interval))
	return append(append(append([]byte{}, header[:scan]...), segment...), header[scan:]...)
}
