package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bounds of one call to S3.
const (
	s3CallMax = 30 * time.Second
	s3Tries   = 3
)

// Bucket says where S3 is.
type Bucket struct {
	Endpoint  string // https://s3.fr-par.scw.cloud
	Name      string
	Region    string
	AccessKey string
	SecretKey string
	PathStyle bool // endpoint/bucket/key in place of bucket.endpoint/key
}

// S3 keeps contents in a bucket. Make it with NewS3.
type S3 struct {
	client *minio.Client
	bucket string
}

var _ Store = (*S3)(nil)

// NewS3 returns the store of a bucket. It asks nothing of the network yet.
func NewS3(b Bucket) (*S3, error) {
	endpoint, err := url.Parse(b.Endpoint)
	if err != nil || endpoint.Host == "" {
		return nil, fmt.Errorf("S3: %q is not an address such as https://s3.example.org", b.Endpoint)
	}
	lookup := minio.BucketLookupDNS
	if b.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(endpoint.Host, &minio.Options{
		Creds: credentials.NewStaticV4(b.AccessKey, b.SecretKey, ""), Secure: endpoint.Scheme == "https",
		Region: b.Region, BucketLookup: lookup, MaxRetries: s3Tries,
	})
	if err != nil {
		return nil, fmt.Errorf("S3: %w", err)
	}
	return &S3{client, b.Name}, nil
}

// call bounds a call and names what it is about. What S3 does not have is
// fs.ErrNotExist.
func (s *S3) call(ctx context.Context, hash string, do func(ctx context.Context, key string) error) error {
	k, err := key(hash)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s3CallMax)
	defer cancel()
	return named(do(ctx, k), hash)
}

func named(err error, hash string) error {
	switch {
	case err == nil:
		return nil
	case minio.ToErrorResponse(err).Code == minio.NoSuchKey:
		return fmt.Errorf("content %s: %w", hash, fs.ErrNotExist)
	}
	return fmt.Errorf("content %s in S3: %w", hash, err)
}

// Put keeps a content in one piece.
func (s *S3) Put(ctx context.Context, hash string, content []byte) error {
	return s.call(ctx, hash, func(ctx context.Context, key string) error {
		if known, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{}); err == nil && known.Size == int64(len(content)) {
			return nil
		}
		_, err := s.client.PutObject(ctx, s.bucket, key, bytes.NewReader(content), int64(len(content)),
			minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
		return err
	})
}

// Open reads a content; ctx holds while it is read.
func (s *S3) Open(ctx context.Context, hash string) (io.ReadCloser, error) {
	k, err := key(hash)
	if err != nil {
		return nil, err
	}
	core := minio.Core{Client: s.client} // one request, no seeking
	content, _, _, err := core.GetObject(ctx, s.bucket, k, minio.GetObjectOptions{})
	if err != nil {
		return nil, named(err, hash)
	}
	return content, nil
}

// Has says whether there is a content.
func (s *S3) Has(ctx context.Context, hash string) (found bool, err error) {
	err = s.call(ctx, hash, func(ctx context.Context, key string) error {
		_, err := s.client.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
		if answer := minio.ToErrorResponse(err); err != nil && answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket {
			return nil
		}
		found = err == nil
		return err
	})
	return found, err
}

// Remove takes a content away.
func (s *S3) Remove(ctx context.Context, hash string) error {
	return s.call(ctx, hash, func(ctx context.Context, key string) error {
		return s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
	})
}
