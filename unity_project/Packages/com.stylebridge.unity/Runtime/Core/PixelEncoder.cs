using System.Runtime.CompilerServices;

namespace Stylebridge
{
    /// <summary>Bytes to the network's numbers: by tables, or row by row where resized.</summary>
    internal sealed unsafe class PixelEncoder
    {
        private readonly PixelContract _contract;
        private readonly float[] _units; // [256]
        private readonly float[] _table = new float[3 * 256]; // the number of each byte of R, of G, of B
        private readonly float _peak;
        private readonly float[] _mean = new float[3];
        private readonly float[] _std = new float[3];
        private PixelPlaces _places;
        private RowResizer _resizer;
        private float[] _line;
        private int _width;
        private int _height;
        private int _tensorWidth;
        private int _tensorHeight;

        internal PixelEncoder(PixelContract contract)
        {
            PixelRange range = contract.Input.Range;
            _contract = contract;
            _units = contract.Input.Color == PixelColor.Linear ? PixelMath.LinearUnits() : PixelMath.SrgbUnits();
            _peak = (float)range.Peak;
            for (int c = 0; c < 3; c++)
            {
                _mean[c] = (float)range.Mean[c];
                _std[c] = (float)range.Std[c];
                for (int b = 0; b < 256; b++)
                {
                    _table[c * 256 + b] = NumberFrom(_units[b], _peak, _mean[c], _std[c]);
                }
            }
        }

        internal void Prepare(int width, int height, int tensorWidth, int tensorHeight)
        {
            bool resized = _contract.Fit == PixelFit.Resize && (width != tensorWidth || height != tensorHeight);
            _resizer = resized ? new RowResizer(width, height, tensorWidth, tensorHeight) : null;
            _line = resized ? new float[width] : null;
            _places = _contract.Input.PlacesIn(tensorWidth, tensorHeight);
            _width = width;
            _height = height;
            _tensorWidth = tensorWidth;
            _tensorHeight = tensorHeight;
        }

        internal void Release()
        {
            _resizer = null;
            _line = null;
        }

        internal void Encode(byte* color, int channels, float* target)
        {
            for (int c = 0; c < 3; c++)
            {
                if (_resizer != null)
                {
                    EncodeResized(color + c, channels, c, target);
                }
                else
                {
                    EncodePadded(color + c, channels, c, target);
                }
            }
        }

        private void EncodePadded(byte* color, int channels, int c, float* target)
        {
            int column = _places.Column;
            fixed (float* table = &_table[c * 256])
            {
                for (int y = 0; y < _tensorHeight; y++)
                {
                    // Rows below the picture repeat its last one.
                    byte* pixel = color + (long)(y < _height ? y : _height - 1) * _width * channels;
                    float* to = target + _places.RowStart(c, y);
                    for (int x = 0; x < _width; x++, pixel += channels, to += column)
                    {
                        *to = table[*pixel];
                    }
                    float last = *(to - column);
                    for (int x = _width; x < _tensorWidth; x++, to += column)
                    {
                        *to = last;
                    }
                }
            }
        }

        private void EncodeResized(byte* color, int channels, int c, float* target)
        {
            float mean = _mean[c];
            float std = _std[c];
            float[] line = _line;
            float[] table = _units;
            _resizer.Restart();
            for (int y = 0; y < _tensorHeight; y++)
            {
                while (_resizer.TryNeededRow(y, out int row))
                {
                    byte* pixel = color + (long)row * _width * channels;
                    for (int x = 0; x < _width; x++, pixel += channels)
                    {
                        line[x] = table[*pixel];
                    }
                    _resizer.Push(row, line);
                }
                float[] units = _resizer.Blend(y);
                float* to = target + _places.RowStart(c, y);
                for (int x = 0; x < _tensorWidth; x++, to += _places.Column)
                {
                    *to = NumberFrom(units[x], _peak, mean, std);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float NumberFrom(float unit, float peak, float mean, float std)
        {
            float scaled = (float)(unit * peak);
            float centred = (float)(scaled - mean);
            return (float)(centred / std);
        }
    }
}
