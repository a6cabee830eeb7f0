using System;

namespace Stylebridge
{
    /// <summary>The order of the colour channels in a tensor.</summary>
    public enum PixelChannels
    {
        /// <summary>Red first.</summary>
        Rgb,

        /// <summary>Blue first.</summary>
        Bgr,
    }

    /// <summary>The order of a tensor's axes.</summary>
    public enum PixelLayout
    {
        /// <summary>Batch, channel, row, column.</summary>
        Nchw,

        /// <summary>Batch, row, column, channel.</summary>
        Nhwc,
    }

    /// <summary>Which row of the picture comes first in a tensor.</summary>
    public enum PixelRows
    {
        /// <summary>The top one.</summary>
        Top,

        /// <summary>The bottom one.</summary>
        Bottom,
    }

    /// <summary>The colour space of a tensor's numbers.</summary>
    public enum PixelColor
    {
        /// <summary>As the bytes are.</summary>
        Srgb,

        /// <summary>Linear light.</summary>
        Linear,
    }

    /// <summary>What one end of the network speaks.</summary>
    public sealed class PixelSide : IEquatable<PixelSide>
    {
        /// <summary>A side; what isn't named is the plain form: unit range, RGB, NCHW, top row first, sRGB.</summary>
        public PixelSide(
            PixelRange range = null, PixelChannels channels = PixelChannels.Rgb, PixelLayout layout = PixelLayout.Nchw,
            PixelRows rows = PixelRows.Top, PixelColor color = PixelColor.Srgb)
        {
            Range = range ?? PixelRange.Unit;
            Channels = channels;
            Layout = layout;
            Rows = rows;
            Color = color;
        }

        /// <summary>The numeric range.</summary>
        public PixelRange Range { get; }

        /// <summary>The order of the colour channels.</summary>
        public PixelChannels Channels { get; }

        /// <summary>The order of the axes.</summary>
        public PixelLayout Layout { get; }

        /// <summary>Which row comes first.</summary>
        public PixelRows Rows { get; }

        /// <summary>The colour space.</summary>
        public PixelColor Color { get; }

        /// <summary>Whether both sides speak the same.</summary>
        public bool Equals(PixelSide other)
        {
            return other != null && Range.Equals(other.Range) && Channels == other.Channels && Layout == other.Layout
                && Rows == other.Rows && Color == other.Color;
        }

        /// <summary>Whether both sides speak the same.</summary>
        public override bool Equals(object other)
        {
            return Equals(other as PixelSide);
        }

        /// <summary>A hash that agrees with equality.</summary>
        public override int GetHashCode()
        {
            int words = (int)Channels | (int)Layout << 1 | (int)Rows << 2 | (int)Color << 3;
            return Range.GetHashCode() * 16 + words;
        }

        internal JsonValue ToJsonValue()
        {
            return JsonValue.NewObject()
                .Set("range", Range.ToJsonValue())
                .Set("channels", JsonValue.Of(Channels == PixelChannels.Bgr ? "bgr" : "rgb"))
                .Set("layout", JsonValue.Of(Layout == PixelLayout.Nhwc ? "nhwc" : "nchw"))
                .Set("rows", JsonValue.Of(Rows == PixelRows.Bottom ? "bottom" : "top"))
                .Set("color", JsonValue.Of(Color == PixelColor.Linear ? "linear" : "srgb"));
        }

        /// <summary>Where the picture's pixels lie in a tensor of this side and size.</summary>
        internal PixelPlaces PlacesIn(int width, int height)
        {
            bool planar = Layout == PixelLayout.Nchw;
            return new PixelPlaces
            {
                Channel = planar ? (long)width * height : 1,
                Row = planar ? width : 3L * width,
                Column = planar ? 1 : 3,
                Height = height,
                IsBgr = Channels == PixelChannels.Bgr,
                IsBottomFirst = Rows == PixelRows.Bottom,
            };
        }
    }

    /// <summary>Strides of a tensor as the picture sees it: channels in RGB order, rows from the top.</summary>
    internal struct PixelPlaces
    {
        internal long Channel;
        internal long Row;
        internal int Column;
        internal int Height;
        internal bool IsBgr;
        internal bool IsBottomFirst;

        internal long RowStart(int channel, int row)
        {
            return (IsBgr ? 2 - channel : channel) * Channel + (IsBottomFirst ? Height - 1 - row : row) * Row;
        }
    }
}
