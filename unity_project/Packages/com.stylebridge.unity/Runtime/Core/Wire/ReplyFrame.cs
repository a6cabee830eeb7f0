namespace Stylebridge.Wire
{
    /// <summary>A frame that came back, made once and filled again; the planes are unpacked.</summary>
    public sealed class ReplyFrame
    {
        private Content _content = new Content();

        /// <summary>What the frame says about itself.</summary>
        public FrameHeader Header
        {
            get { return _content.Header; }
        }

        /// <summary>The bytes of a plane; the array may be longer than the plane.</summary>
        public byte[] Plane(int place)
        {
            return _content.Planes[place];
        }

        /// <summary>Which of the header's planes is this one; -1 when it isn't there.</summary>
        public int Find(WirePlane plane)
        {
            for (int i = 0; i < Header.PlaneCount; i++)
            {
                if (Header.Planes[i].Plane == plane)
                {
                    return i;
                }
            }
            return -1;
        }

        internal void Exchange(ReplyFrame other)
        {
            Content content = _content;
            _content = other._content;
            other._content = content;
        }

        /// <summary>The array of a plane, with room for so many bytes.</summary>
        internal byte[] Room(int place, long bytes)
        {
            if (_content.Planes[place].Length < bytes)
            {
                _content.Planes[place] = new byte[bytes];
            }
            return _content.Planes[place];
        }

        internal void SwapWith(WireMessage message, int part, int place)
        {
            message.Swap(part, ref _content.Planes[place]);
        }

        private sealed class Content
        {
            internal Content()
            {
                for (int i = 0; i < Planes.Length; i++)
                {
                    Planes[i] = new byte[0];
                }
            }

            internal FrameHeader Header { get; } = new FrameHeader();

            internal byte[][] Planes { get; } = new byte[WireConstants.MaxPlanes][];
        }
    }
}
