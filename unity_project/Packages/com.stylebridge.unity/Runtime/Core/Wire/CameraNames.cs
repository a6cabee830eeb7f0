namespace Stylebridge.Wire
{
    /// <summary>The few camera names that a peer uses, so that each becomes text only once.</summary>
    internal sealed class CameraNames
    {
        private readonly CameraName[] _names = new CameraName[WireConstants.MaxCameras];
        private int _next;

        /// <summary>A peer's camera; its names are free.</summary>
        internal CameraName Find(byte[] data, int at)
        {
            foreach (CameraName name in _names)
            {
                if (name != null && name.Matches(data, at))
                {
                    return name;
                }
            }
            return Add(CameraName.Read(data, at)); // in place of the oldest
        }

        /// <summary>A camera of the game's own, which may have so many and no more.</summary>
        internal CameraName Find(string text)
        {
            foreach (CameraName name in _names)
            {
                if (name != null && name.Text == text)
                {
                    return name;
                }
            }
            if (_names[_next] != null)
            {
                throw new WireFault(
                    WireError.TooManyCameras, "camera " + StylebridgeException.Quote(text ?? ""),
                    "at most " + WireConstants.MaxCameras + " cameras");
            }
            return Add(new CameraName(text));
        }

        private CameraName Add(CameraName name)
        {
            _names[_next] = name;
            _next = (_next + 1) % _names.Length;
            return name;
        }
    }
}
