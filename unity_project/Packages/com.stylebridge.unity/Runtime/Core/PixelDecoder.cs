using System.Globalization;
using System.Runtime.CompilerServices;

namespace Stylebridge
{
    /// <summary>The network's numbers to bytes, after a look at whether they can be a picture at all.</summary>
    internal sealed unsafe class PixelDecoder
    {
        private const float Slack = 1f; // levels by which an output may leave 0 to 255 under clamp=false
        private const float WholeFrom = 8388608f; // 2^23
        private const uint ExponentBits = 0x7F800000; // all set in NaN and the infinities
        private static readonly string[] ChannelNames = { "red", "green", "blue" };

        private readonly PixelContract _contract;
        private readonly float[] _mean = new float[3];
        private readonly float[] _std = new float[3];
        private readonly float _levelsPerUnit;
        private readonly float[] _thresholds; // [256], the last one out of reach; null for sRGB
        private readonly byte[] _bins;
        private PixelPlaces _places;
        private RowResizer _resizer;
        private float[] _line;
        private int _width;
        private int _height;
        private int _tensorWidth;
        private int _tensorHeight;

        internal PixelDecoder(PixelContract contract)
        {
            PixelRange range = contract.Output.Range;
            _contract = contract;
            float peak = (float)range.Peak;
            _levelsPerUnit = (float)(255f / peak);
            for (int c = 0; c < 3; c++)
            {
                _mean[c] = (float)range.Mean[c];
                _std[c] = (float)range.Std[c];
            }
            if (contract.Output.Color == PixelColor.Linear)
            {
                _thresholds = new float[256];
                PixelMath.LinearThresholds(contract.Rounding).CopyTo(_thresholds, 0);
                _thresholds[255] = float.PositiveInfinity;
                _bins = PixelMath.ThresholdBins(_thresholds);
            }
        }

        internal void Prepare(int width, int height, int tensorWidth, int tensorHeight)
        {
            bool resized = _contract.Fit == PixelFit.Resize && (width != tensorWidth || height != tensorHeight);
            _resizer = resized ? new RowResizer(tensorWidth, tensorHeight, width, height) : null;
            _line = new float[tensorWidth];
            _places = _contract.Output.PlacesIn(tensorWidth, tensorHeight);
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

        /// <summary>Refuses numbers that aren't finite, and levels outside the range under clamp=false.</summary>
        internal void CheckNumbers(float* tensor)
        {
            long count = 3L * _tensorWidth * _tensorHeight;
            long bad = 0;
            for (long i = 0; i < count; i++)
            {
                bad += (((uint*)tensor)[i] & ExponentBits) == ExponentBits ? 1 : 0;
            }
            if (bad > 0)
            {
                throw new StylebridgeException(
                    Text("the network's output holds {0} NaN or infinite values of {1}", bad, count), "finite numbers",
                    "check the model's weights and its precision (fp16 overflows at 65504)", "",
                    PixelRefusal.NotFinite);
            }
            for (int c = 0; c < 3 && !_contract.Clamp; c++)
            {
                CheckLevels(tensor, c);
            }
        }

        internal void Decode(float* tensor, int channels, byte* target)
        {
            for (int c = 0; c < 3; c++)
            {
                if (_resizer != null)
                {
                    DecodeResized(tensor, c, channels, target + c);
                    continue;
                }
                for (int y = 0; y < _height; y++)
                {
                    ReadLevels(tensor, c, y, _width);
                    WriteBytes(_line, channels, target + (long)y * _width * channels + c);
                }
            }
        }

        private void DecodeResized(float* tensor, int c, int channels, byte* target)
        {
            _resizer.Restart();
            for (int y = 0; y < _height; y++)
            {
                while (_resizer.TryNeededRow(y, out int row))
                {
                    ReadLevels(tensor, c, row, _tensorWidth);
                    _resizer.Push(row, _line);
                }
                WriteBytes(_resizer.Blend(y), channels, target + (long)y * _width * channels);
            }
        }

        private void CheckLevels(float* tensor, int c)
        {
            long outside = 0;
            float low = float.PositiveInfinity;
            float high = float.NegativeInfinity;
            for (int y = 0; y < _tensorHeight; y++)
            {
                float* from = tensor + _places.RowStart(c, y);
                for (int x = 0; x < _tensorWidth; x++, from += _places.Column)
                {
                    float level = LevelFrom(*from, _std[c], _mean[c], _levelsPerUnit);
                    outside += level < -Slack || level > 255f + Slack ? 1 : 0;
                    low = level < low ? level : low;
                    high = level > high ? level : high;
                }
            }
            if (outside > 0)
            {
                double share = 100.0 * outside / ((long)_tensorWidth * _tensorHeight);
                throw new StylebridgeException(
                    Text("{0:F1}% of the network's output in {1} lies outside its range", share, ChannelNames[c])
                        + Text(" (levels {0:F1} to {1:F1} of 0 to 255)", low, high),
                    "values within the range, as the contract says clamp=false",
                    "set clamp to true, or look for the right contract with: stylebridge contract find", "",
                    PixelRefusal.OutOfRange);
            }
        }

        /// <summary>One row of levels, clipped to 0 to 255.</summary>
        private void ReadLevels(float* tensor, int c, int row, int count)
        {
            float std = _std[c];
            float mean = _mean[c];
            float levelsPerUnit = _levelsPerUnit;
            int step = _places.Column;
            float* from = tensor + _places.RowStart(c, row);
            fixed (float* line = _line)
            {
                for (int x = 0; x < count; x++, from += step)
                {
                    float level = LevelFrom(*from, std, mean, levelsPerUnit);
                    level = level > 0f ? level : 0f;
                    line[x] = level < 255f ? level : 255f;
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float LevelFrom(float number, float std, float mean, float levelsPerUnit)
        {
            float scaled = (float)(number * std);
            float unit = (float)(scaled + mean);
            return (float)(unit * levelsPerUnit);
        }

        private void WriteBytes(float[] row, int channels, byte* to)
        {
            fixed (float* levels = row)
            {
                if (_bins != null)
                {
                    WriteLinear(levels, channels, to);
                }
                else if (_contract.Rounding == PixelRounding.Floor)
                {
                    for (int x = 0; x < _width; x++, to += channels)
                    {
                        *to = (byte)(int)levels[x];
                    }
                }
                else
                {
                    for (int x = 0; x < _width; x++, to += channels)
                    {
                        // From 2^23 on float32 holds whole numbers alone, so this sum rounds halves to even, and the
                        // number's last bits are the byte.
                        float sum = (float)(levels[x] + WholeFrom);
                        *to = (byte)*(uint*)&sum;
                    }
                }
            }
        }

        private void WriteLinear(float* levels, int channels, byte* to)
        {
            fixed (byte* bins = _bins)
            fixed (float* thresholds = _thresholds)
            {
                for (int x = 0; x < _width; x++, to += channels)
                {
                    float level = levels[x];
                    float bin = (float)(level * PixelMath.BinsPerLevel);
                    int guess = bins[(int)bin];
                    *to = (byte)(level >= thresholds[guess] ? guess + 1 : guess);
                }
            }
        }

        private static string Text(string format, params object[] parts)
        {
            return string.Format(CultureInfo.InvariantCulture, format, parts);
        }
    }
}
